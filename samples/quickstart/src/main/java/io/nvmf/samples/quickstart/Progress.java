package io.nvmf.samples.quickstart;

import java.io.PrintStream;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that moves on a terminal, and a line now and then where there is none. */
final class Progress {

    private static final int REDRAW_MILLIS = 200;
    private static final int LINE_MILLIS = 2000;
    private static final int LINE_LENGTH = 100;

    private Progress() {}

    // JDK 22 to 24 have a console even without a terminal; the bar in a log file is the worst that comes of it
    @SuppressWarnings("SystemConsoleNull")
    private static boolean onTerminal() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    static ProgressBar bar(String what, long bytes, PrintStream out) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(String.format("%-5s", what))
                .setInitialMax(bytes)
                .setUnit(" MB", 1_000_000)
                .setStyle(ProgressBarStyle.ASCII)
                .setMaxRenderedLength(LINE_LENGTH)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .showSpeed();
        if (!onTerminal()) {
            builder.setConsumer(new DelegatingProgressBarConsumer(out::println, LINE_LENGTH))
                    .setUpdateIntervalMillis(LINE_MILLIS);
        }
        return builder.build();
    }
}
