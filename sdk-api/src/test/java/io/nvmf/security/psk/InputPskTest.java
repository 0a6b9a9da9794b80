package io.nvmf.security.psk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.mac.Hmac;
import io.nvmf.testing.Covers;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Known answers for what TLS PSKs are derived by. */
class InputPskTest {

    private static final String HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM = "nqn.2016-06.io.spdk:cnode1";

    private static byte[] counting(int length, int first, int step) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i * step);
        }
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Computed with Python's hmac, independent of any NVMe project; bytes 00..1F as the configured key. */
    @Test
    @Covers("Derived from the configured one with the name of the host, unless the key has no hash")
    void retainedPskOfAConfiguredKey() {
        try (ConfiguredPsk configured = ConfiguredPsk.of(PskHash.SHA_256, counting(32, 0, 1));
                InputPsk retained = InputPsk.retained(configured, HOST, HkdfLabelForm.RFC_8446);
                TlsPsk version0 = retained.tlsPsk(0, HOST, SUBSYSTEM);
                TlsPsk version1 = retained.tlsPsk(1, HOST, SUBSYSTEM)) {
            assertThat(hex(retained.key()))
                    .isEqualTo("528bdd057636a22352e20f7203eb3450998ca16c98efc27315eea7d0c52ac634");
            assertThat(version0.identity()).isEqualTo("NVMe0R01 " + HOST + ' ' + SUBSYSTEM);
            assertThat(hex(version0.key()))
                    .isEqualTo("105a5c6418783ce0a6fe14063a3f73635dc8fefc597ef8766e0e69594d3e3b74");
            assertThat(version1.identity())
                    .isEqualTo("NVMe1R01 " + HOST + ' ' + SUBSYSTEM + " fZftS6CyrF92KBvEpn6mBaVnylKszRv4hXkvsy/SrCE=");
            assertThat(hex(version1.key()))
                    .isEqualTo("d111253208bcdf315e4cb4dae4cdb4dee029c510347d5b48268572cc359869c2");
        }
    }

    /** Vectors of the Linux kernel's unit tests of drivers/nvme/common/auth.c; the key is made as DH-HMAC-CHAP makes it. */
    @ParameterizedTest
    @CsvSource({
        "SHA_256, 01, OldoKuTfKddMuyCznAZojkWD7P4D9/AtzDzLimtOxqI=, "
                + "3c17da628474a04d2247c4cab47968c915388193f7c071bd9489cc3666cd7cc8",
        "SHA_384, 02, cffMWk8TSS7HOQebjgYEIkrPrjWPV4JE5cdPB8WhEvY4JBW5YynKyv66XscN4A9n, "
                + "2774753233537b3fa50eb7d16a8e43457d85f4906c005b22"
                + "36616c5d80939d0898fff15bb8b77119d2be0aac423e7590"
    })
    @Covers("Versions 0 and 1, retained and generated, with the hash and both names")
    void tlsPskOfAGeneratedPsk(PskHash hash, String identifier, String digest, String expected) {
        byte[] generated = Hmac.of(
                hash.macAlgorithm(),
                counting(hash.length(), 'A', 1),
                counting(hash.length(), 0, 1),
                counting(hash.length(), 0xFF, -1));
        try (InputPsk input = InputPsk.generated(hash, generated);
                TlsPsk psk = input.tlsPsk(1, "hostnqn", "subsysnqn")) {
            assertThat(input.digest("hostnqn", "subsysnqn")).isEqualTo(digest);
            assertThat(psk.identity()).isEqualTo("NVMe1G" + identifier + " hostnqn subsysnqn " + digest);
            assertThat(hex(psk.key())).isEqualTo(expected);
            assertThat(psk.hash()).isEqualTo(hash);
            assertThat(psk.isGenerated()).isTrue();
        }
    }

    /** From the tests of libnvme, which has both. */
    @ParameterizedTest
    @CsvSource({
        "RFC_8446, vaaZUa72EZA8gWdrHGaXJlWPlpD/K1rqLvKSAzxQYQ4=",
        "LIBNVME_1_14, nQlz29o14678dui139NFoI7EeqVvpYsTlV7zQpdKdR4="
    })
    void digestInBothForms(HkdfLabelForm form, String expected) {
        String host = "nqn.2014-08.org.nvmexpress:uuid:713b3816-f9bf-ba43-b95a-5e4bf8c726e9";
        String subsystem = "nqn.1992-08.com.netapp:sn.2f7701d3542f11efb872005056bba694:subsystem.ss1";
        try (ConfiguredPsk configured =
                        ConfiguredPsk.parse("NVMeTLSkey-1:01:5ldrsnYzSywCj8FMdxV6kfLAMs/4torA6QhS8d9f0UTCGhPy:");
                InputPsk retained = InputPsk.retained(configured, host, form)) {
            assertThat(retained.digest(host, subsystem)).isEqualTo(expected);
        }
    }

    /** With Python's hmac: HMAC(HMAC(0, key), 2000h, "tls13 nvme-tls-psk", context, 01h). */
    @ParameterizedTest
    @CsvSource({
        "0, 900c56668bbbe960616cad93749c07e7de2cd93792172f54e76126bfcabc994e",
        "1, a9c8856332ef197791d8a5f2007b9a638528db3caf41a59dc209faa87f188788"
    })
    void tlsPskInTheOlderForm(int version, String expected) {
        try (ConfiguredPsk configured = ConfiguredPsk.of(PskHash.SHA_256, counting(32, 0, 1));
                InputPsk retained = InputPsk.retained(configured, HOST, HkdfLabelForm.LIBNVME_1_14);
                TlsPsk psk = retained.tlsPsk(version, HOST, SUBSYSTEM)) {
            assertThat(hex(psk.key())).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(PskHash.class)
    @Covers("Derived from the configured one with the name of the host, unless the key has no hash")
    void untransformedKeyIsRetainedAsItIs(PskHash hash) {
        byte[] key = counting(hash.length(), 1, 3);
        try (ConfiguredPsk configured = ConfiguredPsk.untransformed(key);
                InputPsk retained = InputPsk.retained(configured, HOST, HkdfLabelForm.RFC_8446);
                TlsPsk psk = retained.tlsPsk(0, HOST, SUBSYSTEM)) {
            assertThat(retained.key()).isEqualTo(key);
            assertThat(psk.identity()).startsWith("NVMe0R0" + hash.identifier() + ' ');
            assertThat(psk.key()).hasSize(hash.length()).isNotEqualTo(key);
        }
    }

    /** The context of a label has at most 255 bytes; two names can be longer than that. */
    @Test
    @Covers("Versions 0 and 1, retained and generated, with the hash and both names")
    void longNamesHaveIdentitiesOfVersion1Only() {
        String host = "nqn." + "h".repeat(219);
        String subsystem = "nqn." + "s".repeat(219);
        try (ConfiguredPsk configured = ConfiguredPsk.of(PskHash.SHA_384, counting(48, 0, 1));
                InputPsk retained = InputPsk.retained(configured, host, HkdfLabelForm.RFC_8446);
                TlsPsk psk = retained.tlsPsk(1, host, subsystem)) {
            assertThat(psk.identity()).contains(host).contains(subsystem);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> retained.tlsPsk(0, host, subsystem))
                    .withMessageContaining("456");
        }
    }

    @Test
    void otherVersionsAreRefused() {
        try (InputPsk input = InputPsk.generated(PskHash.SHA_256, new byte[32])) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> input.tlsPsk(2, HOST, SUBSYSTEM))
                    .withMessageContaining("2");
            assertThatIllegalArgumentException().isThrownBy(() -> input.tlsPsk(-1, HOST, SUBSYSTEM));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> InputPsk.generated(PskHash.SHA_256, new byte[64]));
    }

    @Test
    void nothingIsLeftOfAClosedPskAndTextTellsNothing() {
        byte[] key = counting(32, 1, 1);
        InputPsk input = InputPsk.generated(PskHash.SHA_256, key);
        assertThat(input).hasToString("generated PSK");
        input.close();
        assertThat(input.key()).isEqualTo(new byte[32]);
        assertThat(key).isEqualTo(counting(32, 1, 1));
    }
}
