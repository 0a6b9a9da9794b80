package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DemoTest {

    private final StringWriter out = new StringWriter();

    private int execute(String... words) {
        return ReplicateCommand.commandLine(new ReplicateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(words);
    }

    @Test
    void aStrangerSeesItWorkWithoutATarget() {
        assertThat(execute("--demo", "--length", "4M", "--verify"))
                .as(out.toString())
                .isZero();

        assertThat(out.toString())
                .contains("source namespace 1 of nvme+tcp://127.0.0.1:")
                .contains("copied 4,194,304 bytes")
                .contains(": equal");
    }

    @Test
    void usageNamesEveryOptionAndTheExitCodes() {
        assertThat(execute("--help")).isZero();

        assertThat(out.toString())
                .contains("FROM", "TO", "--demo", "--offset", "--target-offset", "--length", "--limit", "--verify")
                .contains("--verify-only", "--state", "--restart", "--checkpoint", "--chunk", "--window")
                .contains("IT IS OVERWRITTEN")
                .containsPattern("(?s)Exit codes:.*0 .*1 .*2 ");
    }
}
