package io.nvmf.tcp.capture;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that connections capture to, with the thread that writes it. Connections never wait: there is a queue with a
 * bound in bytes, and what does not fit in is dropped and counted. The thread writes all there is before it sleeps, and
 * ends the file when the last connection has left, or with the JVM.
 */
final class CaptureFile {

    /** Bytes of packets that wait for the thread. */
    static final long QUEUE_BYTES = 16L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(CaptureFile.class);
    private static final int ENDED = -1;
    private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_AT_THE_END = TimeUnit.SECONDS.toMillis(5);

    private final CaptureSettings settings;
    private final long queueBytes;
    private final @Nullable CaptureFile before;
    private final Thread thread;
    private final long epochNanos;

    private final ConcurrentLinkedQueue<CapturedPacket> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queued = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /** Connections that capture, or {@link #ENDED}. */
    private final AtomicInteger connections = new AtomicInteger(1);

    private volatile boolean asleep;

    /** The JVM ends, and whoever is still there is not waited for. */
    private volatile boolean ending;

    private Runnable whenEnded = () -> {};

    /**
     * Creates the file for a first connection.
     *
     * @param settings which file, and its bounds
     * @param before has the same file and is about to end, or null
     */
    CaptureFile(CaptureSettings settings, @Nullable CaptureFile before) {
        this(settings, before, QUEUE_BYTES);
    }

    CaptureFile(CaptureSettings settings, @Nullable CaptureFile before, long queueBytes) {
        this.settings = settings;
        this.before = before;
        this.queueBytes = queueBytes;
        this.thread = new Thread(this::run, "nvmf-capture");
        thread.setDaemon(true);
        Instant now = Instant.now();
        this.epochNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    /** Starts the thread; what it is told runs there when the file has been closed. */
    void start(Runnable ended) {
        whenEnded = ended;
        thread.start();
    }

    /** One connection more, unless the file is about to end; any thread. */
    boolean join() {
        return connections.getAndUpdate(count -> count == ENDED ? ENDED : count + 1) != ENDED;
    }

    /** One connection less; any thread. */
    void leave() {
        if (connections.decrementAndGet() == 0) {
            wake();
        }
    }

    /** Nanoseconds since 1970 on a clock that never goes back; any thread. */
    long now() {
        return epochNanos + System.nanoTime();
    }

    /** Takes a packet of a connection that has joined; any thread. Does not wait. */
    void add(CapturedPacket packet) {
        int bytes = packet.memory();
        if (queued.addAndGet(bytes) > queueBytes) {
            queued.addAndGet(-bytes);
            dropped.incrementAndGet();
            return;
        }
        queue.add(packet);
        wake();
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    // ---- the thread

    private void run() {
        Thread hook = new Thread(this::endWithJvm, "nvmf-capture-end");
        boolean hooked = addHook(hook);
        try (RotatingFile file = open()) {
            write(file);
        } catch (IOException | RuntimeException | Error failure) {
            LOG.warn("nothing more is captured to {}: {}", settings.file(), failure.toString());
            LOG.debug("nothing more is captured", failure);
            discard();
        } finally {
            whenEnded.run();
            if (hooked) {
                removeHook(hook);
            }
        }
    }

    private RotatingFile open() throws IOException {
        if (before != null) {
            joinUninterruptibly(before.thread);
        }
        RotatingFile file = new RotatingFile(settings);
        LOG.info("capturing to {}, {} bytes of the data of each PDU", settings.file(), settings.dataBytes());
        return file;
    }

    private void write(RotatingFile file) throws IOException {
        while (!isOver()) {
            if (!drain(file)) {
                file.flush();
                sleep();
            }
        }
        drain(file);
        long missing = dropped.get();
        file.finish(missing, now());
        LOG.info("captured {} packets to {}, {} more are missing", file.written(), settings.file(), missing);
    }

    /** After a failure there is nobody to write what still comes. */
    private void discard() {
        while (!isOver()) {
            for (CapturedPacket packet = queue.poll(); packet != null; packet = queue.poll()) {
                queued.addAndGet(-packet.memory());
            }
            sleep();
        }
        queue.clear();
    }

    /** Whether nobody captures any more; from then on nobody can join. */
    private boolean isOver() {
        return ending || connections.compareAndSet(0, ENDED);
    }

    private boolean drain(RotatingFile file) throws IOException {
        boolean any = false;
        for (CapturedPacket packet = queue.poll(); packet != null; packet = queue.poll()) {
            queued.addAndGet(-packet.memory());
            file.write(packet, dropped.get());
            any = true;
        }
        return any;
    }

    private void sleep() {
        asleep = true;
        if (queue.isEmpty() && connections.get() > 0 && !ending) {
            LockSupport.parkNanos(this, LONGEST_SLEEP);
        }
        asleep = false;
    }

    // ---- the end of the JVM

    private void endWithJvm() {
        ending = true;
        LockSupport.unpark(thread);
        try {
            thread.join(PATIENCE_AT_THE_END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean addHook(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return true;
        } catch (IllegalStateException endingAlready) {
            return false;
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            // Then it is waiting for this thread.
        }
    }

    private static void joinUninterruptibly(Thread other) {
        boolean interrupted = false;
        while (true) {
            try {
                other.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
