package io.nvmf.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nvmf.testing.Covers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A TLS PSK is what its identity says. */
class TlsPskTest {

    private static TlsPsk of(String identity) {
        return TlsPsk.of(identity, new byte[identity.charAt(7) == '2' ? 48 : 32]);
    }

    @Test
    @Covers("Versions 0 and 1, retained and generated, with the hash and both names")
    void identityTellsVersionOriginAndHash() {
        TlsPsk retained = of("NVMe0R01 nqn.host nqn.subsystem");
        assertThat(retained.version()).isZero();
        assertThat(retained.isGenerated()).isFalse();
        assertThat(retained.hash()).isEqualTo(PskHash.SHA_256);
        TlsPsk generated = of("NVMe1G02 nqn.host nqn.subsystem digest");
        assertThat(generated.version()).isEqualTo(1);
        assertThat(generated.isGenerated()).isTrue();
        assertThat(generated.hash()).isEqualTo(PskHash.SHA_384);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NVMe1R01",
                "NVMe1R01 ",
                "NVMe2R01 a b",
                "NVMe1X01 a b",
                "NVMe1R00 a b",
                "NVMe1R03 a b",
                "NVMe1R11 a b",
                "NVMe1R01_a b",
                "nvme1R01 a b"
            })
    void otherIdentitiesAreRefused(String identity) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsPsk.of(identity, new byte[32]))
                .withMessageContaining('"' + identity + '"');
    }

    @Test
    void identityIsBounded() {
        String most = "NVMe0R01 " + "x".repeat(TlsPsk.MOST_IDENTITY_BYTES - 9);
        assertThat(of(most).identity()).isEqualTo(most);
        assertThatIllegalArgumentException().isThrownBy(() -> of(most + 'x'));
    }

    @Test
    void keyHasTheLengthOfItsHash() {
        assertThatIllegalArgumentException().isThrownBy(() -> TlsPsk.of("NVMe1R01 a b", new byte[48]));
        assertThatIllegalArgumentException().isThrownBy(() -> TlsPsk.of("NVMe1R02 a b", new byte[32]));
    }

    @Test
    @Covers("The newest version, then SHA-384, then retained keys are preferred")
    void newestVersionThenLongestHashThenRetainedComesFirst() {
        List<TlsPsk> expected = List.of(
                of("NVMe1R02 a b"),
                of("NVMe1G02 a b"),
                of("NVMe1R01 a b"),
                of("NVMe1G01 a b"),
                of("NVMe0R02 a b"),
                of("NVMe0G02 a b"),
                of("NVMe0R01 a b"),
                of("NVMe0G01 a b"));
        List<TlsPsk> shuffled = new ArrayList<>(expected);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.sort(TlsPsk.PREFERENCE);
        assertThat(shuffled).isEqualTo(expected);
    }

    @Test
    void nothingIsLeftOfAClosedKey() {
        TlsPsk psk = of("NVMe0R01 a b");
        assertThat(psk.isClosed()).isFalse();
        psk.close();
        assertThat(psk.isClosed()).isTrue();
        assertThatIllegalStateException().isThrownBy(psk::key);
        assertThat(psk.identity()).isEqualTo("NVMe0R01 a b");
    }
}
