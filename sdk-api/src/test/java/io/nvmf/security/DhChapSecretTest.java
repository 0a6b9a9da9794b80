package io.nvmf.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.testing.Covers;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DhChapSecretTest {
    private static final String HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM_NQN = "nqn.2016-06.io.spdk:cnode1";
    private static final String TEXT = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";

    private static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Computed with Python's hmac and zlib from the formulas of the specification. */
    @Test
    @Covers("Secrets of 32, 48 or 64 bytes with CRC-32, transformed with the name of their owner")
    void knownSecretsAreReadAndTransformed() {
        DhChapSecret secret = DhChapSecret.parse(TEXT);
        assertThat(secret.transformation()).contains(DhChapHash.SHA_256);
        assertThat(hex(secret.transformed(HOST_NQN)))
                .isEqualTo("6ce1e4ea31e8331a4fe5826bfde17a5cd386b8f0338748919e279ba6c55bf727");
        DhChapSecret controller = DhChapSecret.of(counting(0x20, 32), Optional.of(DhChapHash.SHA_256));
        assertThat(hex(controller.transformed(SUBSYSTEM_NQN)))
                .isEqualTo("a445b3caf14a2d47d1325ee158ff3deb44170f9010d381a36129e70982f16b83");
        assertThat(new String(DhChapSecret.of(counting(0, 32), Optional.of(DhChapHash.SHA_256))
                        .format()))
                .isEqualTo(TEXT);
    }

    @Test
    void untransformedSecretsAreUsedAsTheyAre() {
        DhChapSecret secret = DhChapSecret.parse(TEXT.replace(":01:", ":00:"));
        assertThat(secret.transformation()).isEmpty();
        assertThat(secret.transformed(HOST_NQN)).isEqualTo(counting(0, 32));
        assertThat(new String(secret.format())).startsWith("DHHC-1:00:");
    }

    @ParameterizedTest
    @EnumSource(DhChapHash.class)
    void randomSecretsComeBackAndAreAllDifferent(DhChapHash hash) {
        DhChapSecret secret = DhChapSecret.random(hash);
        DhChapSecret again = DhChapSecret.parse(secret.format());
        assertThat(again.transformation()).contains(hash);
        assertThat(again.format()).isEqualTo(secret.format());
        assertThat(again.transformed(HOST_NQN))
                .isEqualTo(secret.transformed(HOST_NQN))
                .hasSize(hash.length());
        assertThat(DhChapSecret.random(hash).format()).isNotEqualTo(secret.format());
        assertThat(secret.transformed(SUBSYSTEM_NQN)).isNotEqualTo(secret.transformed(HOST_NQN));
    }

    @ParameterizedTest
    @CsvSource({"32", "48", "64"})
    @Covers("Secrets of 32, 48 or 64 bytes with CRC-32, transformed with the name of their owner")
    void everyLengthGoesWithEveryTransformation(int length) {
        for (int hash = 0; hash < 4; hash++) {
            DhChapSecret secret = DhChapSecret.of(counting(9, length), DhChapHash.find(hash));
            assertThat(DhChapSecret.parse(new String(secret.format())).format()).isEqualTo(secret.format());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "DHHC-1:01:",
                "DHHC-1:01::",
                "DHHC-2:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:04:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:11:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:0x:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:01;AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR",
                "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaS:",
                "DHHC-1:01:BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+K:",
                "DHHC-1:01:AAEC*wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:01:AAEC\u0141wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:01:AAEC:",
            })
    @Covers("Secrets of 32, 48 or 64 bytes with CRC-32, transformed with the name of their owner")
    void otherTextIsRefusedAndNotShown(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DhChapSecret.parse(text))
                .withMessageNotContainingAny("AAEC", "wQFB", "*", "DHHC-2", "KfiaR")
                .withNoCause();
    }

    @Test
    void secretsOfOtherLengthsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DhChapSecret.of(new byte[31], Optional.empty()));
        assertThatIllegalArgumentException().isThrownBy(() -> DhChapSecret.of(new byte[0], Optional.empty()));
    }

    @Test
    void textTellsNothing() {
        assertThat(DhChapSecret.parse(TEXT)).hasToString("DH-HMAC-CHAP secret");
    }

    @Test
    void destroyedSecretsAreOfNoUse() {
        DhChapSecret secret = DhChapSecret.parse(TEXT);
        assertThat(secret.isDestroyed()).isFalse();
        secret.close();
        secret.destroy();
        assertThat(secret.isDestroyed()).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> secret.transformed(HOST_NQN));
        assertThatIllegalStateException().isThrownBy(secret::format);
    }

    @Test
    void theCallersBytesAreCopied() {
        byte[] bytes = counting(0, 32);
        DhChapSecret secret = DhChapSecret.of(bytes, Optional.of(DhChapHash.SHA_256));
        bytes[0] = 1;
        assertThat(new String(secret.format())).isEqualTo(TEXT);
    }

    @Test
    void algorithmsHaveAnOrderAndNoneTwice() {
        DhChapAlgorithms defaults = DhChapAlgorithms.defaults();
        assertThat(defaults.hashes()).containsExactly(DhChapHash.SHA_256, DhChapHash.SHA_384, DhChapHash.SHA_512);
        assertThat(defaults.groups())
                .containsExactlyInAnyOrder(DhGroup.values())
                .endsWith(DhGroup.NULL);
        assertThat(defaults.withHashes(DhChapHash.SHA_512).hashes()).containsExactly(DhChapHash.SHA_512);
        assertThat(defaults.withGroups(DhGroup.NULL).groups()).containsExactly(DhGroup.NULL);
        assertThatIllegalArgumentException().isThrownBy(defaults::withHashes);
        assertThatIllegalArgumentException().isThrownBy(defaults::withGroups);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults.withHashes(DhChapHash.SHA_256, DhChapHash.SHA_256));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withGroups(DhGroup.NULL, DhGroup.NULL));
    }
}
