package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.TransferDescription;
import io.nvmf.transport.support.UnsentCapsules;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The host's end of an in-JVM connection: hands capsules to the controller's executor, and moves data between the two
 * memories.
 */
final class LoopHostQueuePair extends LoopQueuePair implements HostQueuePair, UnsentCapsules.CommandSender {

    /** What {@link LoopConnection} does to this side. */
    final LoopFaults faults = new LoopFaults();

    private final HostQueuePairParameters parameters;
    private final long maxTransferSize;
    private final CapsuleFlux<ResponseCapsule> responses;
    private final UnsentCapsules<CommandCapsule> unsent;
    private final LoopTransfers transfers = new LoopTransfers(faults);
    /** Bytes of data that the controller has sent and this side has not taken yet. */
    private final AtomicLong backlog = new AtomicLong();

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
    public boolean discardData(CommandCapsule capsule) {
        transfers.discard(capsule);
        return true;
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
        transfers.start(capsule);
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
    public void dropped(CommandCapsule capsule) {
        transfers.drop(capsule);
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
        controller.post(new LoopCommand(controller, message, transfer));
        capsule.transmitted();
        if (inCapsule && transfer != null) {
            transfer.moved(inCapsuleLength);
            transfers.end(transfer);
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
        faults.alter(message);
    }

    /** The transfers of this side. */
    LoopTransfers transfers() {
        return transfers;
    }

    LoopControllerQueuePair controller() {
        return controller;
    }

    /** A response has arrived, by itself or with the last data. */
    void respond(ResponseCapsule response) {
        if (faults.dropsResponse()) {
            return;
        }
        LoopTransfer transfer = transfers.get(response.commandId());
        if (transfer != null) {
            transfers.end(transfer);
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
    void postData(LoopData data) {
        backlog.addAndGet(data.data().readableBytes());
        post(data);
    }

    /** Data of the controller has been taken, or lost. */
    void taken(int bytes) {
        controller.backlogShrunk(backlog.addAndGet(-bytes));
        controller.sent(bytes);
    }

    @Override
    void finish(Termination reason) {
        unsent.dropAll(reason);
        transfers.abortAll();
        CallBacks.guarded(responses::complete);
    }
}
