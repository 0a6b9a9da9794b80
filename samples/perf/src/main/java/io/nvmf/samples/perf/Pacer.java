package io.nvmf.samples.perf;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts I/Os at a rate. Each is due at its own moment, and its latency counts from then on, however late it is
 * started: what a stall holds up is charged to the stall, which is the correction for coordinated omission.
 */
final class Pacer implements Runnable {

    private static final long BUSY_PAUSE_NANOS = 50_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final List<? extends Lane> lanes;
    private final double interval;
    private final Thread thread = new Thread(this, "pacer");
    private volatile boolean stopped;

    Pacer(List<? extends Lane> lanes, double rate) {
        this.lanes = lanes;
        this.interval = NANOS_PER_SECOND / rate;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() throws InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        thread.join();
    }

    @Override
    public void run() {
        long begin = System.nanoTime();
        long started = 0;
        while (!stopped) {
            long due = begin + (long) (started * interval);
            long early = due - System.nanoTime();
            if (early <= 0 && startOne(started, due)) {
                started++;
            } else {
                LockSupport.parkNanos(early <= 0 ? BUSY_PAUSE_NANOS : early);
            }
        }
    }

    private boolean startOne(long number, long due) {
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get((int) ((number + i) % lanes.size())).startOne(due)) {
                return true;
            }
        }
        return false;
    }
}
