package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class DisplayTest {

    private final StringWriter out = new StringWriter();
    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();

    @AfterEach
    void dispose() {
        timer.dispose();
    }

    private Display display(boolean terminal) {
        return Display.open("copy", 50_000_000, 150_000_000, new PrintWriter(out), terminal, timer);
    }

    @Test
    void elsewhereThanOnATerminalALineEveryTwoSecondsSaysHowFarItIs() {
        try (Display display = display(false)) {
            display.reached(51_000_000);
            timer.advanceTimeBy(Duration.ofMillis(1999));
            display.reached(70_000_000);
            timer.advanceTimeBy(Duration.ofMillis(1));
            display.note("target lost");
        }
        assertThat(out.toString().lines())
                .containsExactly("copy  46 %, 70,000,000 of 150,000,000 bytes, 10.0 MB/s", "target lost");
    }

    @Test
    void aShortWorkShowsNothing() {
        display(false).close();

        assertThat(out.toString()).isEmpty();
    }

    @Test
    void onATerminalABarIsDrawnAgainAndAgainInOneLine() {
        try (Display display = display(true)) {
            display.note("target lost");
            display.reached(150_000_000);
        }
        assertThat(out.toString())
                .contains("target lost")
                .contains("\rcopy")
                .contains("100%")
                .contains("150/150 MB");
    }
}
