package io.nvmf.samples.perf;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * What to do to a namespace, and for how long.
 *
 * @param pattern which blocks, and how
 * @param readPercentage share of reads, 0..100
 * @param ioSize bytes of an I/O
 * @param depth I/Os outstanding on each queue pair, or of each stream
 * @param queuePairs number of I/O queues of each association
 * @param streams number of streams of each association, each over all its I/O queues; 0 for one on each queue
 * @param associations number of associations
 * @param path the level of the API to drive
 * @param rate I/Os to start in a second, in all; 0 for as many as complete
 * @param verify whether data written can be recognised, and data read is
 * @param warmUp time before readings are taken
 * @param time time between the readings
 */
record Workload(
        AccessPattern pattern,
        int readPercentage,
        int ioSize,
        int depth,
        int queuePairs,
        int streams,
        int associations,
        ApiPath path,
        double rate,
        boolean verify,
        Duration warmUp,
        Duration time) {

    /** Entries of a queue that has the depth: one always stays empty. */
    int queueSize() {
        return depth + 1;
    }

    /** I/O queues of all associations. */
    int totalQueuePairs() {
        return queuePairs * associations;
    }

    /** Streams of each association, and I/O queues of each of these. */
    int streamCount() {
        return streams == 0 ? queuePairs : streams;
    }

    int queuesOfStream() {
        return streams == 0 ? 1 : queuePairs;
    }

    boolean isPaced() {
        return rate > 0;
    }

    boolean writes() {
        return readPercentage < 100;
    }

    @Override
    public String toString() {
        return pattern + (pattern.isMixed() ? " (" + readPercentage + " % reads) " : " ") + ioSize + " B, depth "
                + depth
                + ", " + queuePairs + (queuePairs == 1 ? " queue pair" : " queue pairs")
                + (associations == 1 ? "" : " in each of " + associations + " associations")
                + ", " + path + " path"
                + (streams == 0 ? "" : ", " + streams + (streams == 1 ? " stream" : " streams") + " over all of them")
                + (isPaced()
                        ? ", " + BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString() + " a second"
                        : "")
                + (verify ? ", verified" : "");
    }
}
