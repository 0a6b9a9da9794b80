package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespaceAddressTest {

    private static final String URI = "nvme+tcp://192.0.2.1:4420/nqn.2026-01.io.nvmf:x";

    @Test
    void theFirstNamespaceIsMeantUnlessAnotherOneIsNamed() {
        assertThat(NamespaceAddress.parse(URI)).isEqualTo(new NamespaceAddress(URI, 1));
        assertThat(NamespaceAddress.parse(URI + "?keep-alive=1s#ns=7"))
                .isEqualTo(new NamespaceAddress(URI + "?keep-alive=1s", 7));
        assertThat(NamespaceAddress.parse(URI + "#ns=4294967294")).asString().startsWith("namespace 4294967294 of");
    }

    @ParameterizedTest
    @CsvSource({
        "#ns=0, namespace 0 is outside",
        "#ns=4294967295, namespace 4294967295 is outside",
        "#ns=x, namespace 'x' is not a number",
        "#7, is not #ns=NSID",
        "?keep-alive=x, keep-alive",
    })
    void whatIsWrongIsNamed(String end, String named) {
        assertThatThrownBy(() -> NamespaceAddress.parse(URI + end))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }
}
