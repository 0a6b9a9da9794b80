package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.auth.AuthenticationCommand;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A command with whatever the test writes into its entry. */
final class RawCommand extends CommandCapsule {

    private final ByteBuf entry = Unpooled.buffer(SubmissionQueueEntry.LENGTH).writeZero(SubmissionQueueEntry.LENGTH);
    private final CompletableFuture<byte[]> transferred = new CompletableFuture<>();
    private @Nullable Integer fixedId;

    private RawCommand() {}

    static RawCommand of(Consumer<ByteBuf> encoder) {
        RawCommand command = new RawCommand();
        encoder.accept(command.entry);
        return command;
    }

    static RawCommand opcode(int opcode, int nsid) {
        return of(entry -> SubmissionQueueEntry.start(entry, 0, opcode, nsid));
    }

    static RawCommand get(Property property) {
        return of(entry -> PropertyCommand.get(property).encode(entry, 0));
    }

    static RawCommand set(Property property, long value) {
        return of(entry -> PropertyCommand.set(property, value).encode(entry, 0));
    }

    static RawCommand identify(int cns, int nsid) {
        return of(entry -> new IdentifyCommand(cns, nsid).encode(entry, 0)).receiving(4096);
    }

    static RawCommand log(int page, long offset, int length) {
        return of(entry -> GetLogPageCommand.of(page, length)
                        .withRange(offset, length)
                        .encode(entry, 0))
                .receiving(length);
    }

    static RawCommand setFeature(int feature, int value) {
        return of(entry -> FeatureCommand.set(feature, value).encode(entry, 0));
    }

    static RawCommand getFeature(int feature) {
        return of(entry -> FeatureCommand.get(feature).encode(entry, 0));
    }

    static RawCommand awaitEvent() {
        return opcode(AdminOpcode.ASYNC_EVENT_REQUEST, 0);
    }

    static RawCommand blocks(int opcode, int nsid, long slba, int count, int flags) {
        return opcode(opcode, nsid)
                .with(entry -> entry.cdw10(ReadWriteCommand.cdw10(slba))
                        .cdw11(ReadWriteCommand.cdw11(slba))
                        .cdw12(ReadWriteCommand.cdw12(count, flags)));
    }

    static RawCommand read(long slba, int count, int length) {
        return blocks(NvmOpcode.READ, 1, slba, count, 0).receiving(length);
    }

    static RawCommand write(long slba, int count, byte[] data) {
        return blocks(NvmOpcode.WRITE, 1, slba, count, 0).sending(data);
    }

    static RawCommand authenticationSend(byte[] message) {
        return of(entry -> AuthenticationCommand.send(message.length).encode(entry, 0))
                .sending(message);
    }

    static RawCommand authenticationSend(AuthenticationMessage message) {
        ByteBuf bytes = Unpooled.buffer(message.length()).writeZero(message.length());
        message.encode(bytes, 0);
        return authenticationSend(ByteBufUtil.getBytes(bytes));
    }

    static RawCommand authenticationReceive(int length) {
        return of(entry -> AuthenticationCommand.receive(length).encode(entry, 0))
                .receiving(length);
    }

    RawCommand sending(byte[] data) {
        attachData(Transfer.SEND, Unpooled.wrappedBuffer(data), data.length);
        return this;
    }

    RawCommand receiving(int length) {
        attachData(Transfer.RECEIVE, Unpooled.buffer(Math.max(1, length), Math.max(1, length)), length);
        return this;
    }

    RawCommand with(Consumer<SubmissionQueueEntry> change) {
        change.accept(new SubmissionQueueEntry().wrap(entry, 0));
        return this;
    }

    /** With an identifier of the test's choice. */
    RawCommand id(int commandId) {
        fixedId = commandId;
        return this;
    }

    @Nullable
    Integer fixedId() {
        return fixedId;
    }

    /** What the controller has sent, once the transfer has ended. */
    byte[] received() {
        try {
            return transferred.get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the transfer did not end in order", e);
        }
    }

    boolean transferEnded() {
        return transferred.isDone();
    }

    @Override
    public void encode(ByteBuf target, int index) {
        target.setBytes(index, entry, 0, SubmissionQueueEntry.LENGTH);
    }

    @Override
    public void transferComplete(long bytes, @Nullable TransferException error) {
        ByteBuf data = detachData();
        if (data == null) {
            return;
        }
        byte[] copy = ByteBufUtil.getBytes(data, 0, (int) bytes, true);
        data.release();
        if (error == null) {
            transferred.complete(copy);
        } else {
            transferred.completeExceptionally(error);
        }
    }
}
