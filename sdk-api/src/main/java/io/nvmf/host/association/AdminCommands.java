package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.SpecificationViolationException;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** The admin and Fabrics commands that the SDK itself needs, with their answers checked and decoded. */
public final class AdminCommands {

    private final HostQueue queue;
    private final Failures failures;
    private final boolean essential;

    AdminCommands(HostQueue queue, Failures failures) {
        this(queue, failures, false);
    }

    private AdminCommands(HostQueue queue, Failures failures, boolean essential) {
        this.queue = queue;
        this.failures = failures;
        this.essential = essential;
    }

    /** {@return the same commands as those that the association depends on: they wait behind no command of a user} */
    public AdminCommands essential() {
        return new AdminCommands(queue, failures, true);
    }

    private Mono<Completion> execute(Command command) {
        return essential ? queue.executeEssential(command) : queue.execute(command);
    }

    /**
     * Reads a property.
     *
     * @param property the property
     * @return its value
     */
    public Mono<Long> propertyGet(Property property) {
        return execute(Command.encodedBy(PropertyCommand.get(property)::encode).build())
                .map(done -> {
                    long value = PropertyCommand.value(
                            done.response().dw0(), done.response().dw1());
                    return property.size() == 8 ? value : value & 0xFFFF_FFFFL;
                });
    }

    /**
     * Writes a property.
     *
     * @param property the property
     * @param value its value
     * @return completes when the controller has taken it
     */
    public Mono<Void> propertySet(Property property, long value) {
        return execute(Command.encodedBy(PropertyCommand.set(property, value)::encode)
                        .build())
                .then();
    }

    /**
     * Sets a feature without data.
     *
     * @param featureId FID
     * @param cdw11 command dword 11
     * @return dword 0 of the answer
     */
    public Mono<Integer> setFeature(int featureId, int cdw11) {
        return execute(Command.feature(FeatureCommand.set(featureId, cdw11)).build())
                .map(done -> done.response().dw0());
    }

    /**
     * Sets a feature with data.
     *
     * @param featureId FID
     * @param data the data; read again for each subscription
     * @return completes when the controller has taken it
     */
    Mono<Void> setFeature(int featureId, byte[] data) {
        return Mono.defer(() -> {
                    ByteBuf buffer;
                    try {
                        buffer = queue.queuePair().allocator().buffer(data.length);
                    } catch (OutOfMemoryError exhausted) {
                        return Mono.error(failures.noMemory("Set Features", data.length, exhausted));
                    }
                    return execute(
                            Command.feature(FeatureCommand.set(featureId, 0)).send(buffer.writeBytes(data)));
                })
                .then();
    }

    /**
     * Reads an Identify data structure.
     *
     * @param identify which
     * @param decoder gets 4,096 bytes on the heap that are its to keep; {@link SpecificationViolationException} becomes
     *     a protocol failure
     * @param <T> what is decoded
     * @return the decoded structure
     */
    public <T> Mono<T> identify(IdentifyCommand identify, Function<ByteBuf, T> decoder) {
        return execute(Command.identify(identify))
                .map(done -> decode("Identify", requireAll("Identify", done), decoder));
    }

    /**
     * Reads a part of a log page.
     *
     * @param logPage which part
     * @return the bytes; the subscriber owns them
     */
    public Mono<ByteBuf> logPage(GetLogPageCommand logPage) {
        return execute(Command.getLogPage(logPage)).map(done -> requireAll("Get Log Page", done));
    }

    /**
     * Reads a part of a log page and decodes it.
     *
     * @param logPage which part
     * @param decoder gets the bytes on the heap, its to keep; {@link SpecificationViolationException} becomes a
     *     protocol failure
     * @param <T> what is decoded
     * @return the decoded part
     */
    public <T> Mono<T> logPage(GetLogPageCommand logPage, Function<ByteBuf, T> decoder) {
        return logPage(logPage).map(data -> decode("Get Log Page", data, decoder));
    }

    /** Moves the data to the heap and decodes it there. */
    private <T> T decode(String what, ByteBuf data, Function<ByteBuf, T> decoder) {
        ByteBuf onHeap;
        try {
            onHeap = Unpooled.copiedBuffer(data);
        } finally {
            data.release();
        }
        try {
            return decoder.apply(onHeap);
        } catch (SpecificationViolationException e) {
            throw failures.protocol(what + ": " + e.getMessage());
        }
    }

    private ByteBuf requireAll(String what, Completion done) {
        ByteBuf data = done.data();
        int expected = done.command().dataLength();
        if (data == null || data.readableBytes() < expected) {
            done.release();
            throw failures.protocol(what + ": the controller reported success and sent " + done.bytesTransferred()
                    + " of " + expected + " bytes");
        }
        return data;
    }
}
