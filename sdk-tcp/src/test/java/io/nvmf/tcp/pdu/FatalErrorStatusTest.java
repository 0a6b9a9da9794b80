package io.nvmf.tcp.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FatalErrorStatusTest {

    @Test
    void codesAreThoseOfTheSpecification() {
        assertThat(FatalErrorStatus.values()).extracting(FatalErrorStatus::code).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void everyReceivedValueHasAText() {
        assertThat(FatalErrorStatus.text(2)).isEqualTo("PDU sequence error");
        assertThat(FatalErrorStatus.text(0)).isEqualTo("fatal error status 0");
        assertThat(FatalErrorStatus.text(0xFFFF)).isEqualTo("fatal error status 65535");
    }
}
