package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Read-modify-write at both ends of a write stream: reads the first and the last block and puts what the source does
 * not cover in front of and behind its bytes, so that the rest of the stream sees whole blocks only. Event loop only.
 */
final class EdgeBlockMerge {

    private final NvmCommands commands;
    private final WriteStreamSubscription stream;
    private final ByteAccumulator waiting;
    private final WriteLedger ledger;
    private final long headLba;

    /** Bytes before the source's first byte in its block. */
    private final int headLength;

    private @Nullable BlockRead headRead;
    private @Nullable BlockRead tailRead;

    /** Kept until the first write, for a source so short that head and tail are the same block. */
    private @Nullable ByteBuf headBlock;

    EdgeBlockMerge(
            NvmCommands commands,
            WriteStreamSubscription stream,
            ByteAccumulator waiting,
            WriteLedger ledger,
            long offset) {
        this.commands = commands;
        this.stream = stream;
        this.waiting = waiting;
        this.ledger = ledger;
        this.headLba = offset >>> commands.geometry().blockShift();
        this.headLength = (int) (offset & commands.geometry().blockSize() - 1);
    }

    /** Bytes that will still come in front of the source's. */
    int bytesToCome() {
        return headLength != 0 && (headRead == null || headRead.inFlight) ? headLength : 0;
    }

    /** Whether the bytes before the source's are there; if not, sees to it. */
    boolean headReady() {
        if (headLength == 0) {
            return true;
        }
        if (headRead == null) {
            headRead = new BlockRead(headLba, 0);
            headRead.submit();
        }
        return !headRead.inFlight;
    }

    /** The first block is on its way: it can be the last one no more. */
    void headWritten() {
        if (headBlock != null) {
            headBlock.release();
            headBlock = null;
        }
    }

    /**
     * Fills the last block; at once if it is known, else when it was read.
     *
     * @param lba the last block
     * @param length bytes of it that the source covers
     */
    void fillTail(long lba, int length) {
        if (headBlock != null) {
            waiting.add(headBlock.retainedSlice(headBlock.readerIndex() + length, headBlock.readableBytes() - length));
        } else if (tailRead == null) {
            tailRead = new BlockRead(lba, length);
            tailRead.submit();
        }
    }

    /** Takes back what was submitted. */
    void cancel() {
        for (BlockRead read : new BlockRead[] {headRead, tailRead}) {
            if (read != null && read.inFlight) {
                read.cancel();
                read.end();
            }
        }
        headWritten();
    }

    /** The Read command of one block. */
    private final class BlockRead extends StreamCommand {

        private final long lba;

        /** Bytes of the block that the source covers, 0 for the head. */
        private final int covered;

        private boolean inFlight;

        BlockRead(long lba, int covered) {
            super(stream);
            this.lba = lba;
            this.covered = covered;
        }

        void submit() {
            inFlight = true;
            ledger.commandSubmitted(commands.geometry().blockSize());
            stream.submit(this);
        }

        void end() {
            inFlight = false;
            ledger.commandEnded(commands.geometry().blockSize());
        }

        @Override
        Command make() {
            return commands.read(lba, 1);
        }

        @Override
        @Nullable
        RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
            return commands.failure(command, response, bytes);
        }

        @Override
        void answered(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            RuntimeException failure = inFlight ? failure(command, response, bytes) : null;
            if (!inFlight || failure != null || stream.hasFailed()) {
                releaseUnwanted(data);
                if (inFlight) {
                    end();
                    stream.commandEnded(failure);
                }
                return;
            }
            end();
            ByteBuf block = Objects.requireNonNull(data);
            if (covered == 0) {
                headBlock = block;
                waiting.addFirst(block.retainedSlice(block.readerIndex(), headLength));
            } else {
                waiting.add(block.skipBytes(covered));
            }
            stream.commandEnded(null);
        }

        @Override
        void unanswered(RuntimeException failure, CommandOutcome outcome) {
            if (inFlight) {
                end();
                stream.commandEnded(failure);
            }
        }
    }
}
