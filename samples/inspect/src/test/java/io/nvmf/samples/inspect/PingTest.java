package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PingTest extends InspectedTarget {

    @Test
    void eachAnswerHasItsTime() {
        assertThat(run("ping", uri(DISK), "--count", "3", "--interval", "1")).isZero();

        assertThat(out.toString()).matches("NUMBER +TIME\\n1 +\\d+ µs\\n2 +\\d+ µs\\n3 +\\d+ µs\\n");
    }

    @Test
    void programsGetNumbers() {
        assertThat(run("ping", uri(DISK), "--count", "1", "--json")).isZero();

        assertThat(out.toString()).containsPattern("\"number\": 1,\\s+\"microseconds\": \\d+\\s");
    }
}
