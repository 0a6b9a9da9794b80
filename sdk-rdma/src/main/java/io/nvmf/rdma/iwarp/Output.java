package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.nvmf.transport.EventLoopTasks;
import org.jspecify.annotations.Nullable;

/**
 * What a connection sends: its own messages, writes and reads, and answers to reads of the peer. Written while the
 * channel takes bytes, in batches, each of which is flushed at once. Messages slip in between the segments of an answer;
 * segments of two tagged messages never mix, because peers such as siw do not take that.
 *
 * <p>Event loop only.
 */
final class Output {

    /** Whom this belongs to. */
    interface Owner {

        /** An answer cannot be given, because the window that it is from was closed. */
        void violated(IwarpViolation violation);

        /** Sending failed. */
        void failed(Throwable cause);

        /** The socket has taken what was written last after {@link #drain} or {@link #terminate}. */
        void drained();

        /** The first FPDU was written. */
        void begun();
    }

    /** Bytes in one batch, after which the socket gets them. */
    private static final int BATCH = 256 * 1024;

    /** Bytes in one turn of the event loop, so that there is time for reading. */
    private static final int TURN = 1024 * 1024;

    private final ChannelHandlerContext context;
    private final Channel channel;
    private final FpduEncoder encoder;
    private final SendQueue sends;
    private final ReadQueue reads;
    private final Owner owner;
    private final Runnable turn = this::run;
    private final Runnable completions = this::complete;

    private boolean open;
    private boolean begun;
    private boolean inReadPass;
    private boolean scheduled;
    private boolean running;

    /** No more is taken from the queues. */
    private boolean stopped;

    /** The end is waited for. */
    private boolean draining;

    /** After a write it is the turn of an answer. */
    private boolean answerNext;

    /** The batch that is being written; batches before it are flushed. */
    private long batch = 1;

    private boolean batchEmpty = true;

    /** The last batch that the socket has taken, and the last of which everybody was told. */
    private long taken;

    private long told;
    private boolean telling;

    Output(ChannelHandlerContext context, FpduEncoder encoder, SendQueue sends, ReadQueue reads, Owner owner) {
        this.context = context;
        this.channel = context.channel();
        this.encoder = encoder;
        this.sends = sends;
        this.reads = reads;
        this.owner = owner;
    }

    /** From now on this side may send. */
    void open() {
        if (!open) {
            open = true;
            schedule();
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Input is being handled: what it brings about leaves with {@link #readPassOver}. */
    void inReadPass() {
        inReadPass = true;
    }

    /** What it has brought about leaves behind what others do in tasks that they have left for the end of the pass. */
    void readPassOver() {
        inReadPass = false;
        if (draining || sends.next() != null || reads.next() != null) {
            schedule();
        }
    }

    /** Something waits to be sent, at the latest at the end of this turn of the event loop. */
    void schedule() {
        if (!inReadPass && !scheduled && open) {
            scheduled = true;
            EventLoopTasks.later(context.executor(), turn);
        }
    }

    /** Sends what waits, unless that happens soon anyway. */
    void flush() {
        if (!inReadPass) {
            run();
        }
    }

    void run() {
        scheduled = false;
        if (!open || stopped || running) {
            return;
        }
        running = true;
        try {
            boolean more = convert();
            flushBatch();
            if (more && channel.isWritable()) {
                schedule();
            }
        } catch (RuntimeException | Error e) {
            owner.failed(e);
        } finally {
            running = false;
        }
        if (draining && !stopped) {
            checkDrained();
        }
    }

    /** Says that this side is there, unless a message is being sent that says so. */
    void nudge() {
        ReadResponse answer = reads.next();
        Operation first = sends.next();
        boolean within = (answer != null && answer.isStarted()) || (first != null && first.done > 0);
        if (open && !stopped && !within) {
            encoder.emptyWrite();
            batchEmpty = false;
            flushBatch();
        }
    }

    /** Sends what waits but for reads, and tells when the socket has it. */
    void drain() {
        draining = true;
        reads.stop();
        sends.stopReads();
        if (!open) {
            stop();
        }
        run();
        checkDrained();
    }

    /** Sends nothing any more. */
    void stop() {
        stopped = true;
        reads.stop();
        sends.stop();
    }

    /** Says what the peer did wrong, as the last thing, and tells when the socket has it. */
    void terminate(TerminateError error, @Nullable DdpHeader header, byte @Nullable [] readRequest) {
        stop();
        draining = true;
        try {
            if (open) {
                encoder.terminate(error, header, readRequest);
                batchEmpty = false;
            }
            flushBatch();
            checkDrained();
        } catch (RuntimeException | Error e) {
            owner.failed(e);
        }
    }

    void release() {
        encoder.release();
    }

    // ---- a turn

    /** True if there may be more to send. */
    private boolean convert() {
        int turnLeft = TURN;
        int batchLeft = BATCH;
        while (turnLeft > 0 && !stopped && channel.isWritable()) {
            int bytes = convertNext();
            if (bytes == 0) {
                return false;
            }
            batchEmpty = false;
            turnLeft -= bytes;
            batchLeft -= bytes;
            if (batchLeft <= 0) {
                flushBatch();
                batchLeft = BATCH;
            }
        }
        return !stopped;
    }

    /** Bytes of the next FPDU, about; 0 if there is none. */
    private int convertNext() {
        Operation operation = sends.next();
        ReadResponse answer = reads.next();
        if (answer != null && (operation == null || isTurnOf(answer, operation))) {
            return answer(answer);
        }
        return operation == null ? 0 : send(operation);
    }

    private boolean isTurnOf(ReadResponse answer, Operation operation) {
        if (operation.kind != Operation.Kind.WRITE || operation.done > 0) {
            return false;
        }
        return answer.isStarted() || answerNext;
    }

    private int send(Operation operation) {
        int bytes = switch (operation.kind) {
            case SEND -> encoder.send(operation);
            case WRITE -> encoder.write(operation);
            case READ -> {
                encoder.readRequest(new ReadRequest(
                        operation.sinkKey, operation.sinkOffset, operation.length, operation.key, operation.address));
                yield 0;
            }
        };
        operation.done += bytes;
        if (operation.kind == Operation.Kind.READ || operation.done == operation.total()) {
            answerNext = operation.kind == Operation.Kind.WRITE;
            sends.sent(batch);
        }
        return bytes + DdpHeader.UNTAGGED_LENGTH;
    }

    private int answer(ReadResponse answer) {
        if (!answer.isAllowed()) {
            owner.violated(new IwarpViolation(
                    TerminateError.RDMAP_INVALID_STAG,
                    "the window 0x" + Integer.toHexString(answer.request().sourceKey())
                            + " was closed before the peer's read of it was answered"));
            return 0;
        }
        int bytes = encoder.readResponse(answer);
        answer.sent(bytes, batch);
        if (answer.left() == 0) {
            answerNext = false;
            reads.answered();
        }
        return bytes + DdpHeader.TAGGED_LENGTH;
    }

    private void flushBatch() {
        if (batchEmpty) {
            return;
        }
        long number = batch++;
        batchEmpty = true;
        boolean outer = running;
        running = true;
        try {
            if (encoder.flush()) {
                left(number);
            } else {
                ChannelPromise promise = context.newPromise();
                promise.addListener((ChannelFuture future) -> left(number, future));
                encoder.tell(promise);
            }
        } finally {
            running = outer;
        }
        if (!begun) {
            begun = true;
            owner.begun();
        }
    }

    // ---- what the socket has taken

    private void left(long number, ChannelFuture future) {
        Throwable cause = future.cause();
        if (cause != null) {
            owner.failed(cause);
        } else {
            encoder.reuse();
            left(number);
        }
    }

    private void left(long number) {
        taken = Math.max(taken, number);
        if (running) {
            // Within a call of the user's, perhaps; completions are not.
            if (!telling) {
                telling = true;
                EventLoopTasks.later(context.executor(), completions);
            }
        } else {
            complete();
        }
    }

    private void complete() {
        telling = false;
        long number = taken;
        if (number > told) {
            told = number;
            reads.left(number);
            sends.left(number);
        }
        checkDrained();
    }

    private void checkDrained() {
        boolean empty = stopped || sends.next() == null;
        if (draining && empty && batchEmpty && told == batch - 1) {
            draining = false;
            stopped = true;
            owner.drained();
        }
    }
}
