package io.nvmf.samples.webflux.transfer;

import io.nvmf.namespace.StreamStatistics;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A download or an upload that is under way, for those who watch it from other threads. */
public final class Transfer {

    private final long id;
    private final String direction;
    private final int nsid;
    private final long total;
    private final LongAdder sum;
    private final StreamStatistics statistics = new StreamStatistics();

    // Changed by one thread at a time.
    private volatile long bytes;
    private volatile boolean done;
    private volatile @Nullable String failure;

    Transfer(long id, String direction, int nsid, long total, LongAdder sum) {
        this.id = id;
        this.direction = direction;
        this.nsid = nsid;
        this.total = total;
        this.sum = sum;
    }

    /**
     * What the streams of this transfer count in; one of them runs at a time.
     *
     * @return to be given to the streams with their options
     */
    public StreamStatistics statistics() {
        return statistics;
    }

    /**
     * Tells how far it is.
     *
     * @param count bytes of the namespace, handed to the client or known written
     */
    public void reached(long count) {
        sum.add(count - bytes);
        bytes = count;
    }

    /**
     * Tells that more is done.
     *
     * @param count bytes
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void advance(int count) {
        sum.add(count);
        bytes += count;
    }

    /** {@return how far it is, in bytes} */
    public long bytes() {
        return bytes;
    }

    void end(@Nullable String reason) {
        failure = reason;
        done = true;
    }

    /** {@return what there is to say about it now} */
    TransferView view() {
        return new TransferView(
                id,
                direction,
                Integer.toUnsignedLong(nsid),
                bytes,
                total,
                !done && statistics.isPaused(),
                done,
                failure);
    }
}
