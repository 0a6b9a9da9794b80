package io.nvmf.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nvmf.testing.Covers;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The PSK interchange format of NVMe/TCP, and what a key tells of itself. */
class ConfiguredPskTest {

    /** Bytes 00..1F, computed with Python's zlib and base64. */
    private static final String KNOWN = "NVMeTLSkey-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";

    private static final String PREFIX = "NVMeTLSkey-1:01:";

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static String body(String text) {
        return text.substring(PREFIX.length(), text.length() - 1);
    }

    @Test
    @Covers("Keys of 32 or 48 bytes with CRC-32, which names a hash or none")
    void knownKeyIsReadAndWritten() {
        try (ConfiguredPsk psk = ConfiguredPsk.parse(KNOWN)) {
            assertThat(psk.key()).isEqualTo(counting(32));
            assertThat(psk.hash()).isEqualTo(PskHash.SHA_256);
            assertThat(psk.isUntransformed()).isFalse();
            assertThat(new String(psk.toInterchangeFormat())).isEqualTo(KNOWN);
        }
        try (ConfiguredPsk made = ConfiguredPsk.of(PskHash.SHA_256, counting(32))) {
            assertThat(new String(made.toInterchangeFormat())).isEqualTo(KNOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(PskHash.class)
    void whatIsGeneratedIsReadBack(PskHash hash) {
        try (ConfiguredPsk psk = ConfiguredPsk.generate(hash);
                ConfiguredPsk other = ConfiguredPsk.generate(hash);
                ConfiguredPsk again = ConfiguredPsk.parse(new String(psk.toInterchangeFormat()))) {
            assertThat(psk.key()).hasSize(hash.length()).isNotEqualTo(other.key());
            assertThat(again.key()).isEqualTo(psk.key());
            assertThat(again.hash()).isEqualTo(hash);
            assertThat(again.isUntransformed()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(PskHash.class)
    void untransformedKeyHasNoHashAndTheLengthOfOne(PskHash hash) {
        try (ConfiguredPsk psk = ConfiguredPsk.untransformed(counting(hash.length()))) {
            String text = new String(psk.toInterchangeFormat());
            assertThat(text).startsWith("NVMeTLSkey-1:00:");
            try (ConfiguredPsk again = ConfiguredPsk.parse(text)) {
                assertThat(again.isUntransformed()).isTrue();
                assertThat(again.hash()).isEqualTo(hash);
                assertThat(again.key()).isEqualTo(counting(hash.length()));
            }
        }
    }

    static Stream<String> notKeys() {
        return Stream.of(
                "",
                ":",
                "NVMeTLSkey-1",
                PREFIX,
                PREFIX + ':',
                "NVMeTLSkey-2:01:" + body(KNOWN) + ':',
                "nvmetlskey-1:01:" + body(KNOWN) + ':',
                "NVMeTLSkey-1:03:" + body(KNOWN) + ':',
                "NVMeTLSkey-1:0a:" + body(KNOWN) + ':',
                "NVMeTLSkey-1:11:" + body(KNOWN) + ':',
                "NVMeTLSkey-1:1:" + body(KNOWN) + ':',
                "NVMeTLSkey-1:02:" + body(KNOWN) + ':',
                "DHHC-1:01:" + body(KNOWN) + ':',
                KNOWN.substring(0, KNOWN.length() - 1),
                KNOWN + '\n',
                ' ' + KNOWN,
                KNOWN + ':',
                PREFIX + body(KNOWN).replace('A', 'B') + ':',
                PREFIX + body(KNOWN).replace('+', '-') + ':',
                PREFIX + body(KNOWN).replace('+', '\u212b') + ':',
                PREFIX + body(KNOWN).substring(4) + ':',
                PREFIX + body(KNOWN) + "AAAA:",
                PREFIX + "A".repeat(1 << 20) + ':');
    }

    @ParameterizedTest
    @MethodSource("notKeys")
    @Covers("Keys of 32 or 48 bytes with CRC-32, which names a hash or none")
    void whatIsNotAKeyIsRefusedAndNotShown(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfiguredPsk.parse(text))
                .satisfies(refused -> {
                    assertThat(refused).hasNoCause();
                    for (int i = 0; i + 8 <= body(KNOWN).length(); i++) {
                        assertThat(refused.getMessage())
                                .doesNotContain(body(KNOWN).substring(i, i + 8));
                    }
                });
    }

    @Test
    @Covers("Keys of 32 or 48 bytes with CRC-32, which names a hash or none")
    void anyFlippedBitOfTheKeyIsNoticed() {
        byte[] decoded = Base64.getDecoder().decode(body(KNOWN));
        IntStream.range(0, decoded.length * 8).forEach(bit -> {
            byte[] changed = decoded.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            String text = PREFIX + Base64.getEncoder().encodeToString(changed) + ':';
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConfiguredPsk.parse(text))
                    .withMessageContaining("CRC-32");
        });
    }

    /** 52 bytes leave four bits of the last character over. */
    @Test
    void bitsThatStandForNothingHaveToBeZero() {
        String text = new String(ConfiguredPsk.of(PskHash.SHA_384, counting(48)).toInterchangeFormat());
        assertThat(text).endsWith("==:");
        int at = text.length() - 4;
        String changed = text.substring(0, at) + (char) (text.charAt(at) + 1) + "==:";
        assertThatIllegalArgumentException().isThrownBy(() -> ConfiguredPsk.parse(changed));
        assertThatIllegalArgumentException().isThrownBy(() -> ConfiguredPsk.parse(text.replace("==", "")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 33, 47, 49, 64})
    void otherLengthsAreRefused(int length) {
        byte[] key = new byte[length];
        assertThatIllegalArgumentException().isThrownBy(() -> ConfiguredPsk.untransformed(key));
        for (PskHash hash : PskHash.values()) {
            assertThatIllegalArgumentException().isThrownBy(() -> ConfiguredPsk.of(hash, key));
        }
    }

    @Test
    void nothingIsLeftOfAClosedKey() {
        ConfiguredPsk psk = ConfiguredPsk.parse(KNOWN);
        assertThat(psk.isClosed()).isFalse();
        psk.close();
        psk.close();
        assertThat(psk.isClosed()).isTrue();
        assertThatIllegalStateException().isThrownBy(psk::key);
        assertThatIllegalStateException().isThrownBy(psk::toInterchangeFormat);
    }

    @Test
    void theCallersArrayIsTheCallers() {
        byte[] given = counting(32);
        try (ConfiguredPsk psk = ConfiguredPsk.of(PskHash.SHA_256, given)) {
            Arrays.fill(given, (byte) 0);
            Arrays.fill(psk.key(), (byte) 0);
            assertThat(psk.key()).isEqualTo(counting(32));
        }
    }

    @Test
    void textTellsNothing() {
        byte[] key = counting(48);
        try (ConfiguredPsk psk = ConfiguredPsk.of(PskHash.SHA_384, key);
                TlsPsk derived = TlsPsk.of("NVMe1R02 nqn.host nqn.subsystem digest", key)) {
            assertThat(psk).hasToString("ConfiguredPsk");
            assertThat(derived).hasToString("TlsPsk[NVMe1R02 nqn.host nqn.subsystem digest]");
            assertThat(derived.toString()).doesNotContain(HexFormat.of().formatHex(key, 0, 4));
        }
    }
}
