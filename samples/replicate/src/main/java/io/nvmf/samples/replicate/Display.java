package io.nvmf.samples.replicate;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Shows how far the work is: a bar on a terminal, a line now and then elsewhere. Whoever reports only leaves a number;
 * all output is on a thread of its own, since writing to a terminal blocks.
 */
final class Display implements Listener, AutoCloseable {

    private static final int REDRAW_MILLIS = 200;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);
    private static final int WIDTH = 100;
    private static final int IDLE_SECONDS = 60;
    private static final int PERCENT = 100;
    private static final double MEGABYTE = 1e6;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String what;
    private final long total;
    private final long start;
    private final PrintWriter out;
    private final Scheduler thread;
    private final Scheduler timer;
    private final long startedAt;
    private final @Nullable ProgressBar bar;
    private volatile long reached;

    private Display(String what, long start, long total, PrintWriter out, boolean terminal, Scheduler timer) {
        this.what = what;
        this.start = start;
        this.total = total;
        this.out = out;
        this.timer = timer;
        this.startedAt = timer.now(TimeUnit.NANOSECONDS);
        this.reached = start;
        this.thread = Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "display", IDLE_SECONDS, true);
        this.bar = terminal ? bar(what, start, total, out) : null;
        Duration interval = bar == null ? BETWEEN_LINES : Duration.ofMillis(REDRAW_MILLIS);
        Flux.interval(interval, timer)
                .onBackpressureDrop()
                .takeWhile(tick -> !thread.isDisposed())
                .publishOn(thread)
                .subscribe(tick -> show(), failure -> {});
    }

    /**
     * Begins to show.
     *
     * @param what one word
     * @param start bytes that need not be done any more
     * @param total bytes in all
     */
    static Display open(String what, long start, long total, PrintWriter out, boolean terminal, Scheduler timer) {
        return new Display(what, start, total, out, terminal, timer);
    }

    // JDK 22 to 24 have a console even without a terminal; the bar in a log file is the worst that comes of it
    @SuppressWarnings("SystemConsoleNull")
    static boolean onTerminal() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    private static ProgressBar bar(String what, long start, long total, PrintWriter out) {
        return new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(total)
                .startsFrom(start, Duration.ZERO)
                .setUnit(" MB", (long) MEGABYTE)
                .setStyle(ProgressBarStyle.ASCII)
                .setMaxRenderedLength(WIDTH)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setConsumer(new DelegatingProgressBarConsumer(
                        line -> {
                            out.print('\r' + line);
                            out.flush();
                        },
                        WIDTH))
                .showSpeed()
                .build();
    }

    @Override
    public void reached(long bytes) {
        reached = bytes;
    }

    @Override
    public void note(String text) {
        thread.schedule(() -> {
            out.println(bar == null ? text : '\r' + text + " ".repeat(Math.max(0, WIDTH - text.length())));
            out.flush();
        });
    }

    private void show() {
        long now = reached;
        if (bar != null) {
            bar.stepTo(now);
        } else {
            out.println(line(now, timer.now(TimeUnit.NANOSECONDS) - startedAt));
            out.flush();
        }
    }

    private String line(long now, long nanos) {
        double seconds = nanos / (double) TimeUnit.SECONDS.toNanos(1);
        return String.format(
                "%s %3d %%, %,d of %,d bytes, %,.1f MB/s",
                what, (long) ((double) now * PERCENT / total), now, total, (now - start) / MEGABYTE / seconds);
    }

    /** Shows the last state and everything that was told before, then ends; blocks until then. */
    @Override
    public void close() {
        Flux.just(reached).publishOn(thread).doOnNext(now -> finish()).blockLast(PATIENCE);
        thread.dispose();
    }

    private void finish() {
        if (bar != null) {
            bar.stepTo(reached);
            bar.close();
            out.println();
            out.flush();
        }
    }
}
