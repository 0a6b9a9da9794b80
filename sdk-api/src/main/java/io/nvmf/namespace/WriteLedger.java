package io.nvmf.namespace;

import io.nvmf.command.ByteRange;
import io.nvmf.command.TransferReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The books of one write stream: what was received, is in flight, is written. Chunks are a ring in order of submission,
 * which is the order of their bytes, so that the written prefix is the number of chunks that have left the ring. Event
 * loop only.
 */
final class WriteLedger {

    private final long offset;
    private final WriteChunk[] ring;
    private final long limit;
    private final @Nullable StreamStatistics statistics;

    private long submitted;
    private long settled;
    private int commandsInFlight;
    private long received;
    private long leftOver;
    private long written;
    private long acknowledged;
    private long bytesInFlight;
    private long peak;
    private boolean changed;
    private boolean paused;
    private int interruptions;

    WriteLedger(long offset, int window, int chunkBytes, @Nullable StreamStatistics statistics) {
        this.offset = offset;
        this.ring = new WriteChunk[window];
        this.limit = (long) window * chunkBytes;
        this.statistics = statistics;
        if (statistics != null) {
            statistics.begin(limit);
        }
    }

    long limit() {
        return limit;
    }

    long received() {
        return received;
    }

    void received(int bytes) {
        received += bytes;
    }

    void leftOver(long bytes) {
        leftOver = bytes;
    }

    long bytesInFlight() {
        return bytesInFlight;
    }

    boolean isIdle() {
        return commandsInFlight == 0;
    }

    boolean anySubmitted() {
        return submitted != 0;
    }

    boolean hasRoom() {
        return commandsInFlight < ring.length && submitted - settled < ring.length;
    }

    /** The chunk for the next write. */
    WriteChunk next(WriteStreamSubscription stream) {
        int slot = (int) (submitted % ring.length);
        WriteChunk chunk = ring[slot];
        if (chunk == null) {
            chunk = new WriteChunk(stream);
            ring[slot] = chunk;
        }
        return chunk;
    }

    /** Books a write that {@link #next} was asked for. */
    void submitted(WriteChunk chunk) {
        submitted++;
        commandSubmitted(chunk.bytes());
        if (statistics != null) {
            statistics.submitted(chunk.bytes());
        }
    }

    /** Books a write that is not in flight any more. */
    void ended(WriteChunk chunk) {
        commandEnded(chunk.bytes());
        if (statistics != null) {
            statistics.left(chunk.bytes());
        }
        if (chunk.state() != WriteChunk.State.WRITTEN) {
            return;
        }
        changed = true;
        acknowledged += sourceBytes(chunk);
        while (settled < submitted && chunk(settled).state() == WriteChunk.State.WRITTEN) {
            long bytes = sourceBytes(chunk(settled));
            settled++;
            written += bytes;
            if (statistics != null) {
                statistics.transferred(bytes);
            }
        }
    }

    /** Books a command that occupies the window without writing the source's data. */
    void commandSubmitted(int bytes) {
        commandsInFlight++;
        bytesInFlight += bytes;
        peak = Math.max(peak, bytesInFlight);
    }

    void commandEnded(int bytes) {
        commandsInFlight--;
        bytesInFlight -= bytes;
    }

    /** Chunks that are submitted and not answered. */
    List<WriteChunk> inFlight() {
        List<WriteChunk> chunks = new ArrayList<>();
        for (long i = settled; i < submitted; i++) {
            if (chunk(i).state() == WriteChunk.State.IN_FLIGHT) {
                chunks.add(chunk(i));
            }
        }
        return chunks;
    }

    void interrupted(boolean now, int times) {
        changed |= now != paused || times != interruptions;
        paused = now;
        interruptions = times;
        if (statistics != null) {
            statistics.interrupted(now, times);
        }
    }

    /** Whether there is something to tell since the last call. */
    boolean pollChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    TransferProgress progress(boolean last, boolean durable) {
        return new TransferProgress(
                written, acknowledged, bytesInFlight, peak, limit, last, durable, paused, interruptions);
    }

    TransferReport report(boolean durable) {
        List<ByteRange> writtenBeyond = new ArrayList<>();
        List<ByteRange> inDoubt = new ArrayList<>();
        for (long i = settled; i < submitted; i++) {
            WriteChunk chunk = chunk(i);
            if (chunk.state() == WriteChunk.State.WRITTEN) {
                append(writtenBeyond, Math.max(offset, chunk.offset()), sourceBytes(chunk));
            } else if (chunk.state() != WriteChunk.State.NOT_SENT) {
                append(inDoubt, chunk.offset(), chunk.bytes());
            }
        }
        return new TransferReport(offset, received, written, leftOver, writtenBeyond, inDoubt, durable, peak, limit);
    }

    private static void append(List<ByteRange> ranges, long start, long length) {
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).end() == start) {
            ByteRange before = ranges.get(last);
            ranges.set(last, new ByteRange(before.offset(), before.length() + length));
        } else {
            ranges.add(new ByteRange(start, length));
        }
    }

    /** Bytes of the source in a chunk: not what fills the first and the last block. */
    private long sourceBytes(WriteChunk chunk) {
        long from = Math.max(offset, chunk.offset());
        long to = Math.min(offset + received, chunk.offset() + chunk.bytes());
        return to - from;
    }

    private WriteChunk chunk(long sequence) {
        return ring[(int) (sequence % ring.length)];
    }
}
