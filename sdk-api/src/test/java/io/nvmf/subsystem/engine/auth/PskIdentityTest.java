package io.nvmf.subsystem.engine.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.security.PskHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers send as identities is taken apart as they are written, and nothing else is. */
class PskIdentityTest {

    private static final String DIGEST_256 = "A".repeat(43) + '=';
    private static final String DIGEST_384 = "A".repeat(64);

    @Test
    void identitiesHaveTheirParts() {
        assertThat(PskIdentity.parse("NVMe0R01 host sub"))
                .contains(new PskIdentity(0, false, PskHash.SHA_256, "host", "sub"));
        assertThat(PskIdentity.parse("NVMe1G02 host sub " + DIGEST_384))
                .contains(new PskIdentity(1, true, PskHash.SHA_384, "host", "sub"));
        assertThat(PskIdentity.parse("NVMe1R01 host sub " + DIGEST_256))
                .contains(new PskIdentity(1, false, PskHash.SHA_256, "host", "sub"));
        assertThat(PskIdentity.parse("NVMe1R01 " + "h".repeat(223) + ' ' + "s".repeat(223) + ' ' + DIGEST_256))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NVMe",
                "NVMe0R01",
                "NVMe0R01 ",
                "NVMe0R01 host",
                "NVMe0R01 host ",
                "NVMe0R01  sub",
                "NVMe0R01 host sub ",
                "NVMe0R01 host sub digest",
                "NVMe1R01 host sub",
                "NVMe1R01 host sub digest",
                "NVMe2R01 host sub",
                "NVMe/R01 host sub",
                "NVMe0X01 host sub",
                "NVMe0r01 host sub",
                "NVMe0R00 host sub",
                "NVMe0R03 host sub",
                "NVMe0R11 host sub",
                "NVMe0R1  host sub",
                "nvme0R01 host sub",
                "NVMe0R01\thost sub",
                "NVMe0R01 ho\0st sub",
                "NVMe0R01 host su\nb"
            })
    void whatIsNoneIsNone(String text) {
        assertThat(PskIdentity.parse(text)).isEmpty();
    }

    @Test
    void lengthsAreBounded() {
        assertThat(PskIdentity.parse("NVMe0R01 host " + "s".repeat(1 << 20))).isEmpty();
        assertThat(PskIdentity.parse("NVMe0R01 host" + " ".repeat(1 << 20))).isEmpty();
        assertThat(PskIdentity.parse("NVMe1R01 host " + "s".repeat(224) + ' ' + DIGEST_256))
                .isEmpty();
        assertThat(PskIdentity.parse("NVMe0R01 " + "h".repeat(130) + ' ' + "s".repeat(115)))
                .isPresent();
        assertThat(PskIdentity.parse("NVMe0R01 " + "h".repeat(130) + ' ' + "s".repeat(116)))
                .isEmpty();
    }
}
