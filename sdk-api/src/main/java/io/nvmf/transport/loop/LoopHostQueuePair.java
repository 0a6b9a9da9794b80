package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** The host's side. */
final class LoopHostQueuePair extends LoopQueuePair implements HostQueuePair {

    private static final int PSDT_MASK = 0xC0;

    private final HostQueuePairParameters parameters;
    private final long maxTransferSize;
    private final CapsuleFlux<ResponseCapsule> responses;
    private final ArrayDeque<Submission> unsent = new ArrayDeque<>();
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
        this.responses = new CapsuleFlux<>(executor, response -> {});
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
        return Mono.create(sink -> {
            Submission submission = new Submission(capsule, sink);
            sink.onCancel(() -> cancel(submission));
            run(() -> {
                try {
                    enqueue(submission);
                } catch (IllegalArgumentException e) {
                    sink.error(e);
                }
            });
        });
    }

    @Override
    public void submit(CommandCapsule capsule) {
        enqueue(new Submission(capsule, null));
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        for (Iterator<Submission> each = unsent.iterator(); each.hasNext(); ) {
            Submission submission = each.next();
            if (submission.capsule == capsule && submission.settle()) {
                each.remove();
                abort(submission, "withdrawn");
                return true;
            }
        }
        return false;
    }

    private void cancel(Submission submission) {
        // Decided on the caller's thread: whoever cancels before the conversion can rely on it.
        if (submission.settle()) {
            run(() -> {
                if (unsent.remove(submission)) {
                    abort(submission, "cancelled");
                }
            });
        }
    }

    private void enqueue(Submission submission) {
        Termination ended = ended();
        if (ended != null) {
            if (submission.transfer != null) {
                submission.transfer.abort(ended);
            }
            submission.fail(new QueuePairTerminatedException(ended));
            return;
        }
        LoopTransfer transfer = submission.transfer;
        if (transfer != null) {
            if (maxTransferSize != UNLIMITED && transfer.length > maxTransferSize) {
                throw new IllegalArgumentException(
                        "data length " + transfer.length + " is greater than maxTransferSize " + maxTransferSize);
            }
            if (transfers.containsKey(submission.capsule.commandId())) {
                throw new IllegalArgumentException("command identifier " + submission.capsule.commandId()
                        + " has a data transfer in progress already");
            }
            transfers.put(submission.capsule.commandId(), transfer);
        }
        unsent.add(submission);
        if (!flushScheduled) {
            flushScheduled = true;
            later(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        while (ended() == null) {
            Submission submission = unsent.peek();
            if (submission == null) {
                return;
            }
            if (!submission.settle()) {
                // Cancelled; the task that says so is on its way and finds it here no more.
                unsent.remove();
                abort(submission, "cancelled");
                continue;
            }
            unsent.remove();
            try {
                if (submission.capsule.wanted()) {
                    convert(submission);
                } else {
                    abort(submission, "no longer wanted");
                    submission.capsule.withdrawn();
                    submission.fail(new CancellationException("the capsule was not wanted any more"));
                }
            } catch (Throwable e) {
                submission.fail(e);
                fail(e);
            }
        }
    }

    private void convert(Submission submission) {
        CommandCapsule capsule = submission.capsule;
        LoopTransfer transfer = submission.transfer;
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
        submission.succeed();
    }

    private void encode(CommandCapsule capsule, ByteBuf message, boolean inCapsule) {
        message.writeZero(SubmissionQueueEntry.LENGTH);
        capsule.encode(message, 0);
        SubmissionQueueEntry.commandId(message, 0, capsule.commandId());
        message.setByte(
                SubmissionQueueEntry.FLAGS,
                message.getByte(SubmissionQueueEntry.FLAGS) & ~PSDT_MASK | SubmissionQueueEntry.PSDT_SGL << 6);
        if (inCapsule) {
            SglDescriptor.dataBlockOffset(message, SubmissionQueueEntry.SGL1, capsule.dataLength());
        } else {
            SglDescriptor.transportDataBlock(message, SubmissionQueueEntry.SGL1, capsule.dataLength());
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

    private void abort(Submission submission, Object reason) {
        LoopTransfer transfer = submission.transfer;
        if (transfer != null && !transfer.done) {
            transfer.done = true;
            transfers.remove(submission.capsule.commandId());
            transfer.abort(reason);
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
        for (Submission submission = unsent.poll(); submission != null; submission = unsent.poll()) {
            Submission unsentOne = submission;
            submission.settle();
            guarded(() -> abort(unsentOne, reason));
            guarded(() -> unsentOne.fail(new QueuePairTerminatedException(reason)));
        }
        List<LoopTransfer> open = new ArrayList<>(transfers.values());
        transfers.clear();
        open.addAll(deferred);
        deferred.clear();
        for (LoopTransfer transfer : open) {
            transfer.done = true;
            guarded(() -> transfer.abort(reason));
        }
        guarded(responses::end);
    }

    /** A capsule between {@link #submit} and its conversion. */
    private static final class Submission {

        final CommandCapsule capsule;
        final @Nullable LoopTransfer transfer;
        private final @Nullable MonoSink<Void> sink;
        private final AtomicBoolean settled = new AtomicBoolean();

        Submission(CommandCapsule capsule, @Nullable MonoSink<Void> sink) {
            this.capsule = capsule;
            this.transfer = capsule.dataLength() > 0 ? new LoopTransfer(capsule) : null;
            this.sink = sink;
        }

        /** True for the one caller that decides what becomes of the capsule; any thread. */
        boolean settle() {
            return settled.compareAndSet(false, true);
        }

        void succeed() {
            if (sink != null) {
                sink.success();
            }
        }

        void fail(Throwable failure) {
            if (sink != null) {
                sink.error(failure);
            }
        }
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
