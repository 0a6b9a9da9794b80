package io.nvmf.testing.kernel;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeQueue;
import io.nvmf.command.Command;
import io.nvmf.spec.NvmOpcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A region of a namespace in pieces without a gap between them, which are written through one I/O queue and read back
 * through another, each time as one stream of commands in an order of its own, as many at once as the queue takes.
 */
public final class RoundTrip {

    private final Region region;
    private final Random random;
    private final List<Extent> extents;
    private final byte[] content;

    /**
     * What is written.
     *
     * @param nsid namespace
     * @param blockSize its blocks in bytes; the first piece is one
     * @param offset of the first byte
     * @param commands how many pieces
     * @param mostBytes of a piece; small ones are as likely as large ones
     * @param largest bytes of the second piece, 0 if it is like the others
     * @param seed of sizes, order and content
     */
    public record Region(int nsid, int blockSize, long offset, int commands, int mostBytes, int largest, long seed) {}

    private record Extent(int start, int length) {}

    /** Chooses pieces and content. */
    public RoundTrip(Region region) {
        this.region = region;
        this.random = new Random(region.seed);
        this.extents = extents();
        this.content = new byte[extents.stream().mapToInt(Extent::length).sum()];
        random.nextBytes(content);
    }

    private List<Extent> extents() {
        List<Extent> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < region.commands; i++) {
            int blocks = (int) Math.pow((double) region.mostBytes / region.blockSize, random.nextDouble());
            int length = i == 0
                    ? region.blockSize
                    : i == 1 && region.largest > 0 ? region.largest : blocks * region.blockSize;
            pieces.add(new Extent(start, length));
            start += length;
        }
        return pieces;
    }

    /** What has been written, in the order of the namespace. */
    public byte[] content() {
        return content;
    }

    /** How many commands one way takes. */
    public int commands() {
        return extents.size();
    }

    /** Writes all. */
    public void write(NvmeQueue queue) {
        run(queue, this::write, (extent, data) -> {});
    }

    /** Reads all and compares it. */
    public void read(NvmeQueue queue) {
        AtomicInteger compared = new AtomicInteger();
        run(queue, this::read, (extent, data) -> {
            compare(extent, data);
            compared.addAndGet(extent.length);
        });
        assertThat(compared).as("bytes compared").hasValue(content.length);
    }

    private Command.Builder command(int opcode, Extent extent) {
        return Command.nvm(opcode, region.nsid)
                .range((region.offset + extent.start) / region.blockSize, extent.length / region.blockSize);
    }

    private Command write(Extent extent) {
        return command(NvmOpcode.WRITE, extent)
                .send(Unpooled.directBuffer(extent.length).writeBytes(content, extent.start, extent.length));
    }

    private Command read(Extent extent) {
        return command(NvmOpcode.READ, extent).receive(extent.length);
    }

    private void compare(Extent extent, @Nullable ByteBuf data) {
        assertThat(data).isNotNull();
        byte[] bytes = new byte[data.readableBytes()];
        data.readBytes(bytes);
        assertThat(bytes).hasSize(extent.length);
        assertThat(Arrays.mismatch(bytes, 0, bytes.length, content, extent.start, extent.start + extent.length))
                .as("first difference in %s", extent)
                .isEqualTo(-1);
    }

    /** Runs commands as one stream and checks on the way that the queue is as busy as it can be, and not busier. */
    private void run(NvmeQueue queue, Function<Extent, Command> command, BiConsumer<Extent, @Nullable ByteBuf> check) {
        Collections.shuffle(extents, random);
        IdentityHashMap<Command, Extent> extentOf = new IdentityHashMap<>();
        List<Command> commands = new ArrayList<>();
        for (Extent extent : extents) {
            Command next = command.apply(extent);
            commands.add(next);
            extentOf.put(next, extent);
        }
        AtomicInteger outstanding = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        List<Throwable> wrong = Collections.synchronizedList(new ArrayList<>());
        Flux<Command> source = Flux.fromIterable(commands)
                .doOnNext(next -> peak.accumulateAndGet(outstanding.incrementAndGet(), Math::max));
        Long completed = queue.execute(source)
                .doOnNext(completion -> {
                    outstanding.decrementAndGet();
                    try {
                        assertThat(completion.isSuccess()).as("%s", completion).isTrue();
                        check.accept(requireNonNull(extentOf.get(completion.command())), completion.data());
                    } catch (Throwable e) {
                        wrong.add(e);
                    } finally {
                        completion.release();
                    }
                })
                .count()
                .block(Hosts.LIMIT);
        assertThat(wrong).isEmpty();
        assertThat(completed).isEqualTo(commands.size());
        assertThat(peak).as("most commands under way").hasValue(Math.min(queue.depth(), commands.size()));
    }
}
