package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.TransferDescription;
import io.nvmf.transport.support.UnsentCapsules;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The queue pair of a host: command capsules out, response capsules in. The controller reads and writes the data of a
 * command through a window that is open from the command to its response, unless the data leaves within the capsule.
 *
 * <p>A capsule is converted while the controller has a place for it. Event loop only, but for what returns a publisher.
 */
final class HostRdmaQueuePair extends RdmaQueuePair implements HostQueuePair, UnsentCapsules.CommandSender {

    private final HostQueuePairParameters parameters;
    private final UnsentCapsules<CommandCapsule> unsent;
    private final CapsuleFlux<ResponseCapsule> responses;
    private final HostCommands commands;
    private final Bounce bounce;
    private final RdmaCompletion sent = this::sent;
    private final int maxInCapsuleData;
    private final boolean invalidates;

    /** Commands that the controller has places for. */
    private final int places;

    /** Commands without a response. */
    private int outstanding;

    /** Messages that are not sent. */
    private int leaving;

    /**
     * Creates a queue pair that hears of its connection from now on; on the event loop.
     *
     * @param connection nobody's yet
     * @param parameters of the queue pair
     * @param controllerPlaces CRQSIZE: commands that the controller has places for
     * @param capabilities of the provider
     */
    HostRdmaQueuePair(
            RdmaConnection connection,
            HostQueuePairParameters parameters,
            int controllerPlaces,
            RdmaCapabilities capabilities) {
        super(connection);
        this.parameters = parameters;
        this.unsent = new UnsentCapsules<>(connection.executor(), this);
        this.responses = new CapsuleFlux<>(connection.executor(), () -> {}, dropped -> {});
        this.commands = new HostCommands(this, parameters.queueSize());
        this.bounce = new Bounce(
                connection.allocator(),
                capabilities.anyMemory(),
                parameters.options().require(RdmaOptions.BOUNCE_MEMORY));
        this.maxInCapsuleData = parameters.admin() ? 0 : parameters.maxInCapsuleData();
        this.invalidates =
                parameters.options().require(RdmaOptions.REMOTE_INVALIDATION) || !capabilities.revokesAtOnce();
        this.places = Math.min(controllerPlaces, connection.limits().receives());
    }

    Bounce bounce() {
        return bounce;
    }

    @Override
    public boolean admin() {
        return parameters.admin();
    }

    @Override
    public Optional<TransportAddress> remoteAddress() {
        return Optional.ofNullable(connection().remoteAddress());
    }

    @Override
    public String agreement() {
        String below = connection().agreement();
        return (below.isEmpty() ? "" : below + ", ") + "remote invalidation " + (invalidates ? "on" : "off") + ", "
                + places + " commands at once";
    }

    @Override
    public SglSupport sglSupport() {
        return new SglSupport(true, false, maxInCapsuleData);
    }

    @Override
    public long maxTransferSize() {
        return KeyedSgl.MAX_LENGTH;
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return responses;
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return unsent.transmit(capsule);
    }

    @Override
    public void submit(CommandCapsule capsule) {
        unsent.submit(capsule);
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        return unsent.withdraw(capsule);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Only memory that the controller does not reach itself can be given back early: a window that is closed under a
     * command would make the controller's next write the end of the connection.
     */
    @Override
    public boolean discardData(CommandCapsule capsule) {
        HostCommand command = commands.find(capsule.commandId());
        return command != null && command.isOf(capsule) && command.discard();
    }

    // ---- sending

    @Override
    public void admit(CommandCapsule capsule) {
        if (capsule.dataLength() > KeyedSgl.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "data length " + capsule.dataLength() + " is greater than maxTransferSize " + KeyedSgl.MAX_LENGTH);
        }
    }

    @Override
    public void queued() {
        scheduleTurn();
    }

    @Override
    void turn() {
        boolean any = false;
        while (ended() == null && canConvert() && unsent.convertNext()) {
            any = true;
        }
        if (any && ended() == null) {
            connection().flush();
        }
    }

    private boolean canConvert() {
        return outstanding < places
                && leaving < connection().limits().sends()
                && bounce.hasRoom()
                && connection().isWritable();
    }

    @Override
    public void convert(CommandCapsule capsule) {
        try {
            if (capsule.dataLength() == 0) {
                send(encode(capsule, null), null, sent);
            } else if (capsule.transfer() == CommandCapsule.Transfer.SEND && capsule.dataLength() <= maxInCapsuleData) {
                sendInCapsule(capsule);
            } else {
                sendKeyed(capsule);
            }
        } catch (RuntimeException | Error e) {
            dropped(capsule);
            throw e;
        }
        capsule.transmitted();
    }

    private void sendInCapsule(CommandCapsule capsule) {
        HostCommand command = commands.idle(capsule.commandId());
        ByteBuf data = data(capsule);
        boolean copied = bounce.isForeign(data);
        int length = capsule.dataLength();
        ByteBuf header = entry(capsule, copied ? length : 0);
        TransferDescription.inCapsule(capsule, header, 0);
        if (copied) {
            header.writeBytes(data, capsule.dataIndex(), length);
        }
        command.startInCapsule(capsule);
        send(header, copied ? null : data.retainedSlice(capsule.dataIndex(), length), command);
    }

    private void sendKeyed(CommandCapsule capsule) {
        HostCommand command = commands.idle(capsule.commandId());
        ByteBuf data = data(capsule);
        int length = capsule.dataLength();
        // What a controller leaves out of a read holds what it held before, in a copy as well.
        ByteBuf copy = bounce.isForeign(data) ? bounce.take(data, capsule.dataIndex(), length) : null;
        RdmaWindow window = null;
        ByteBuf header;
        try {
            window = connection()
                    .expose(
                            copy == null ? data : copy,
                            copy == null ? capsule.dataIndex() : 0,
                            length,
                            capsule.transfer() == CommandCapsule.Transfer.SEND
                                    ? RdmaAccess.REMOTE_READ
                                    : RdmaAccess.REMOTE_WRITE);
            header = encode(capsule, window);
        } catch (RuntimeException | Error e) {
            if (window != null) {
                window.close(); // nobody has heard of its key
            }
            if (copy != null) {
                bounce.give(length);
                copy.release();
            }
            throw e;
        }
        command.startKeyed(capsule, window, copy);
        send(header, null, sent);
    }

    private ByteBuf encode(CommandCapsule capsule, @Nullable RdmaWindow window) {
        ByteBuf header = entry(capsule, 0);
        KeyedSgl.encode(capsule, header, window, invalidates);
        return header;
    }

    /** The entry as the capsule has it, with room for data behind it. */
    private ByteBuf entry(CommandCapsule capsule, int room) {
        ByteBuf header = allocator().directBuffer(SubmissionQueueEntry.LENGTH + room);
        try {
            header.writeZero(SubmissionQueueEntry.LENGTH);
            capsule.encode(header, 0);
        } catch (RuntimeException | Error e) {
            header.release();
            throw e;
        }
        return header;
    }

    private void send(ByteBuf header, @Nullable ByteBuf data, RdmaCompletion completion) {
        outstanding++;
        leaving++;
        connection().send(header, data, RdmaConnection.NO_KEY, completion);
    }

    private void sent(@Nullable RdmaException failure) {
        leaving--;
        checkCompletion(failure);
        if (!unsent.isEmpty()) {
            scheduleTurn();
        }
    }

    /** A message with data in it has been sent, or flushed: nothing reads the memory any more. */
    void inCapsuleSent(HostCommand command, @Nullable RdmaException failure) {
        sent(failure);
        if (failure == null && ended() == null) {
            try {
                command.finish(true);
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        }
    }

    @Override
    public void dropped(CommandCapsule capsule) {
        HostCommand command = commands.find(capsule.commandId());
        if (command != null && command.isOf(capsule)) {
            return; // it has left, and ends with the queue pair
        }
        if (capsule.dataLength() > 0) {
            capsule.transferComplete(0, TransferException.aborted(0));
        }
    }

    // ---- receiving

    @Override
    public void received(ByteBuf message, int invalidated) {
        try {
            if (ended() != null) {
                message.release();
                return;
            }
            int length = message.readableBytes();
            ResponseCapsule response = length == CompletionQueueEntry.LENGTH
                    ? ResponseCapsule.decode(message, message.readerIndex())
                    : null;
            message.release(); // the place is free before another command can leave
            if (response == null) {
                protocolError("a response of " + length + " bytes, not " + CompletionQueueEntry.LENGTH);
            } else {
                respond(response, invalidated);
            }
        } catch (Throwable e) { // errors too: whoever waits for the rest has to hear of the end
            fail(e);
        }
    }

    private void respond(ResponseCapsule response, int invalidated) {
        int commandId = response.commandId();
        HostCommand found = commands.find(commandId);
        HostCommand command = found != null && found.isKeyed() ? found : null;
        if (invalidated != RdmaConnection.NO_KEY && (command == null || !command.hasKey(invalidated))) {
            protocolError("the response to command " + commandId + " has invalidated key "
                    + Integer.toHexString(invalidated).toUpperCase(Locale.ROOT) + "h, which is not that command's");
            return;
        }
        if (command != null && !command.closeWindow()) {
            protocolError("the response to command " + commandId
                    + " has not invalidated its key, which this side's provider cannot do by itself");
            return;
        }
        if (responses.waiting() >= parameters.queueSize()) {
            protocolError("more than " + responses.waiting() + " responses on a queue of " + parameters.queueSize()
                    + " entries");
            return;
        }
        outstanding = Math.max(0, outstanding - 1);
        if (!unsent.isEmpty()) {
            scheduleTurn();
        }
        if (command != null) {
            command.finish(response.isSuccess());
        }
        if (ended() == null) {
            responses.emit(response);
        }
    }

    @Override
    public void writableChanged() {
        if (!unsent.isEmpty()) {
            scheduleTurn();
        }
    }

    @Override
    void finish(Termination how) {
        unsent.dropAll(how);
        commands.abortAll();
        CallBacks.guarded(responses::complete);
    }

    private static ByteBuf data(CommandCapsule capsule) {
        ByteBuf data = capsule.data();
        if (data == null) {
            throw new IllegalStateException("command " + capsule.commandId() + " lost its data");
        }
        return data;
    }
}
