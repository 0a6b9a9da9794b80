package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.TransferDescription;
import io.nvmf.transport.support.UnsentCapsules;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The host's end of an in-JVM connection: hands capsules to the controller's executor, and moves data between the two memories. */
final class LoopHostQueuePair extends LoopQueuePair implements HostQueuePair, UnsentCapsules.Sender<CommandCapsule> {

    private final HostQueuePairParameters parameters;
    private final long maxTransferSize;
    private final CapsuleFlux<ResponseCapsule> responses;
    private final UnsentCapsules<CommandCapsule> unsent;
    private final IntObjectHashMap<LoopTransfer> transfers = new IntObjectHashMap<>();
    private final List<LoopTransfer> deferred = new ArrayList<>();
    /** Bytes of data that the controller has sent and this side has not taken yet. */
    private final AtomicLong backlog = new AtomicLong();

    /** Set by {@link LoopConnection}. */
    final AtomicBoolean dropNextResponse = new AtomicBoolean();
    /** Set by {@link LoopConnection}. */
    final AtomicBoolean damageNextData = new AtomicBoolean();
    /** Set by {@link LoopConnection}. */
    final AtomicReference<@Nullable Consumer<ByteBuf>> alterNextCommand = new AtomicReference<>();
    /** Set by {@link LoopConnection}. */
    volatile boolean deferSendTransfers;

    private final LoopControllerQueuePair controller;
    private boolean flushScheduled;

    LoopHostQueuePair(
            EventExecutor executor,
            ByteBufAllocator allocator,
            HostQueuePairParameters parameters,
            long maxTransferSize,
            LoopControllerQueuePair controller) {
        super(executor, allocator);
        this.parameters = parameters;
        this.maxTransferSize = maxTransferSize;
        this.controller = controller;
        this.responses = new CapsuleFlux<>(executor, () -> {}, response -> {});
        this.unsent = new UnsentCapsules<>(executor, this);
    }

    @Override
    LoopControllerQueuePair peer() {
        return controller;
    }

    @Override
    public boolean admin() {
        return parameters.admin();
    }

    @Override
    public long maxTransferSize() {
        return maxTransferSize;
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

    @Override
    public void admit(CommandCapsule capsule) {
        int length = capsule.dataLength();
        if (length == 0) {
            return;
        }
        if (maxTransferSize != UNLIMITED && length > maxTransferSize) {
            throw new IllegalArgumentException(
                    "data length " + length + " is greater than maxTransferSize " + maxTransferSize);
        }
        if (transfers.containsKey(capsule.commandId())) {
            throw new IllegalArgumentException(
                    "command identifier " + capsule.commandId() + " has a data transfer in progress already");
        }
        transfers.put(capsule.commandId(), new LoopTransfer(capsule));
    }

    @Override
    public void queued() {
        if (!flushScheduled) {
            flushScheduled = true;
            later(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        boolean more = true;
        while (more && ended() == null) {
            try {
                more = unsent.convertNext();
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        }
    }

    @Override
    public boolean wanted(CommandCapsule capsule) {
        return capsule.wanted();
    }

    @Override
    public void withdrawn(CommandCapsule capsule) {
        dropped(capsule);
        capsule.withdrawn();
    }

    @Override
    public void dropped(CommandCapsule capsule) {
        LoopTransfer transfer = transfers.get(capsule.commandId());
        if (transfer != null && transfer.capsule == capsule) {
            transfers.remove(capsule.commandId());
            transfer.abort();
        } else if (capsule.dataLength() > 0) { // never queued, because the queue pair had ended
            capsule.transferComplete(0, TransferException.aborted(0));
        }
    }

    @Override
    public void convert(CommandCapsule capsule) {
        LoopTransfer transfer = capsule.dataLength() > 0 ? transfers.get(capsule.commandId()) : null;
        boolean inCapsule = transfer != null
                && capsule.transfer() == CommandCapsule.Transfer.SEND
                && transfer.length <= parameters.maxInCapsuleData();
        int inCapsuleLength = inCapsule ? capsule.dataLength() : 0;
        ByteBuf message = controller.allocator().buffer(SubmissionQueueEntry.LENGTH + inCapsuleLength);
        try {
            encode(capsule, message, inCapsule);
        } catch (RuntimeException | Error e) {
            message.release();
            throw e;
        }
        controller.post(new LoopControllerQueuePair.Received(controller, message, transfer));
        capsule.transmitted();
        if (inCapsule && transfer != null) {
            transfer.moved(inCapsuleLength);
            endRegularly(transfer);
        }
    }

    private void encode(CommandCapsule capsule, ByteBuf message, boolean inCapsule) {
        message.writeZero(SubmissionQueueEntry.LENGTH);
        capsule.encode(message, 0);
        if (inCapsule) {
            TransferDescription.inCapsule(capsule, message, 0);
        } else {
            TransferDescription.byTransport(capsule, message, 0);
        }
        ByteBuf data = capsule.data();
        if (inCapsule && data != null) {
            message.writeBytes(data, capsule.dataIndex(), capsule.dataLength());
        }
        Consumer<ByteBuf> alteration = alterNextCommand.getAndSet(null);
        if (alteration != null) {
            alteration.accept(message);
        }
    }

    private void endRegularly(LoopTransfer transfer) {
        transfer.done = true;
        transfers.remove(transfer.capsule.commandId());
        if (deferSendTransfers && transfer.capsule.transfer() == CommandCapsule.Transfer.SEND) {
            deferred.add(transfer);
        } else {
            transfer.completeRegularly();
        }
    }

    /** Completes what {@link #deferSendTransfers} held back. */
    void completeDeferred() {
        List<LoopTransfer> held = List.copyOf(deferred);
        deferred.clear();
        held.forEach(LoopTransfer::completeRegularly);
    }

    private void respond(ResponseCapsule response) {
        if (dropNextResponse.compareAndSet(true, false)) {
            return;
        }
        LoopTransfer transfer = transfers.get(response.commandId());
        if (transfer != null) {
            endRegularly(transfer);
        }
        if (ended() == null) {
            responses.emit(response);
        }
    }

    /** Data of the controller that has not arrived here yet; any thread. */
    long backlog() {
        return backlog.get();
    }

    /** Takes data of the controller on its way; the controller's executor. */
    void postData(Data data) {
        backlog.addAndGet(data.data.readableBytes());
        post(data);
    }

    private void taken(int bytes) {
        controller.backlogShrunk(backlog.addAndGet(-bytes));
        controller.sent(bytes);
    }

    @Override
    void finish(Termination reason) {
        unsent.dropAll(reason);
        List<LoopTransfer> open = new ArrayList<>(transfers.values());
        transfers.clear();
        open.addAll(deferred);
        deferred.clear();
        for (LoopTransfer transfer : open) {
            CallBacks.guarded(transfer::abort);
        }
        CallBacks.guarded(responses::complete);
    }

    /** A response capsule. */
    record Response(LoopHostQueuePair host, ResponseCapsule capsule) implements Signal {
        @Override
        public void deliver() {
            host.respond(capsule);
        }

        @Override
        public void discard() {}
    }

    /** Data for the host's buffer, and perhaps the success with it. */
    record Data(
            LoopHostQueuePair host,
            int commandId,
            @Nullable LoopTransfer transfer,
            long offset,
            ByteBuf data,
            boolean success)
            implements Signal {

        @Override
        public void deliver() {
            int length = data.readableBytes();
            try {
                place(length);
            } finally {
                data.release();
                host.taken(length);
            }
        }

        private void place(int length) {
            if (transfer == null || transfer.capsule.transfer() != CommandCapsule.Transfer.RECEIVE) {
                host.protocolError(
                        1, 8, "data for command " + commandId + ", which receives none", Unpooled.EMPTY_BUFFER);
                return;
            }
            if (offset + length > transfer.length) {
                host.protocolError(
                        4,
                        0,
                        "data " + offset + "+" + length + " exceeds the buffer of " + transfer.length + " bytes",
                        Unpooled.EMPTY_BUFFER);
                return;
            }
            if (transfer.done) {
                return;
            }
            ByteBuf home = transfer.capsule.data();
            if (home != null) {
                home.setBytes((int) (transfer.capsule.dataIndex() + offset), data, data.readerIndex(), length);
            }
            transfer.damaged |= host.damageNextData.compareAndSet(true, false);
            transfer.moved(length);
            if (transfer.moved == transfer.length) {
                host.endRegularly(transfer);
            }
            if (success && host.ended() == null) {
                host.respond(ResponseCapsule.successWithData(commandId));
            }
        }

        @Override
        public void discard() {
            int length = data.readableBytes();
            data.release();
            host.taken(length);
        }
    }

    /** The controller asks for a range of the host's data; the home of the bytes travels with the question. */
    record Pull(
            LoopHostQueuePair host,
            int commandId,
            @Nullable LoopTransfer transfer,
            long offset,
            int length,
            ByteBuf home,
            LoopReceive receive)
            implements Signal {

        @Override
        public void deliver() {
            if (transfer == null || transfer.capsule.transfer() != CommandCapsule.Transfer.SEND) {
                home.release();
                host.protocolError(
                        1, 8, "command " + commandId + " is asked for data and sends none", Unpooled.EMPTY_BUFFER);
                return;
            }
            if (offset + length > transfer.length) {
                home.release();
                host.protocolError(
                        4,
                        0,
                        "asked for " + offset + "+" + length + " of " + transfer.length + " bytes",
                        Unpooled.EMPTY_BUFFER);
                return;
            }
            ByteBuf data = transfer.capsule.data();
            boolean served = !transfer.done && data != null;
            if (served && data != null) {
                home.writeBytes(data, (int) (transfer.capsule.dataIndex() + offset), length);
                transfer.moved(length);
            }
            host.controller.post(new LoopControllerQueuePair.Pulled(receive, home, served));
        }

        @Override
        public void discard() {
            home.release();
        }
    }
}
