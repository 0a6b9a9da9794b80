package io.nvmf.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nvmf.testing.Covers;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The private data of connecting, byte by byte. */
class CmPrivateDataTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final int MOST_ENTRIES = 1024;

    @Test
    @Covers("Private data of the request: RECFMT 0, QID, HRQSIZE as a count, HSQSIZE 0's based")
    void aRequestHasTheBytesOfTheSpecification() {
        assertThat(HEX.formatHex(new CmRequest(1, 128, 127, 5).encode().array()))
                .isEqualTo("0000" + "0100" + "8000" + "7f00" + "0500" + "00".repeat(22));
    }

    @Test
    @Covers("Private data of the request: RECFMT 0, QID, HRQSIZE as a count, HSQSIZE 0's based")
    void whatALinuxHostAsksForIsUnderstood() throws CmRequest.Invalid {
        ByteBuffer linux = bytes("0000" + "0200" + "8000" + "7f00" + "00".repeat(24));

        CmRequest request = CmRequest.decode(linux, MOST_ENTRIES);

        assertThat(request).isEqualTo(new CmRequest(2, 128, 127, 0));
        assertThat(request.queueSize()).isEqualTo(128);
        assertThat(linux.position()).isZero();
    }

    @Test
    void zeroesBehindARequestAreIgnored() throws CmRequest.Invalid {
        ByteBuffer padded = ByteBuffer.wrap(
                Arrays.copyOf(new CmRequest(0xFFFF, 32, 31, 0xFFFF).encode().array(), 196));

        assertThat(CmRequest.decode(padded, MOST_ENTRIES)).isEqualTo(new CmRequest(0xFFFF, 32, 31, 0xFFFF));
    }

    @ParameterizedTest
    @CsvSource({
        "'', INVALID_LENGTH",
        "0000000020001f00, INVALID_LENGTH",
        "0100000020001f00, INVALID_FORMAT",
        "0000000020000000, INVALID_SEND_QUEUE_SIZE",
        "0000000020000004, INVALID_SEND_QUEUE_SIZE",
        "000000002000ffff, INVALID_SEND_QUEUE_SIZE",
        "0000000000001f00, INVALID_RECEIVE_QUEUE_SIZE",
    })
    @Covers("A request that cannot be met is rejected with its STS, which the host puts into words")
    void aRequestThatCannotBeMetIsRefusedWithItsCode(String start, RejectReason reason) {
        boolean short0 = reason == RejectReason.INVALID_LENGTH;
        byte[] wire = Arrays.copyOf(HEX.parseHex(start), short0 ? start.length() / 2 : CmRequest.LENGTH);

        assertThatExceptionOfType(CmRequest.Invalid.class)
                .isThrownBy(() -> CmRequest.decode(ByteBuffer.wrap(wire), MOST_ENTRIES))
                .satisfies(invalid -> assertThat(invalid.reason()).isEqualTo(reason))
                .withMessageContaining(reason.text());
    }

    @Test
    void anAcceptHasTheBytesOfTheSpecification() throws ProtocolException {
        assertThat(HEX.formatHex(new CmAccept(128).encode().array())).isEqualTo("0000" + "8000" + "00".repeat(28));
        assertThat(HEX.formatHex(new CmAccept(65_536).encode().array())).startsWith("0000" + "ffff");
        assertThat(CmAccept.decode(bytes("0000" + "2000" + "00".repeat(192)))).isEqualTo(new CmAccept(32));
    }

    @ParameterizedTest
    @CsvSource({"31, 00002000, fewer than 32", "32, 01002000, RECFMT", "32, 00000000, CRQSIZE"})
    @Covers("An answer of another format, or with CRQSIZE 0, ends the attempt")
    void anAcceptThatBreaksTheProtocolIsNoAccept(int length, String start, String message) {
        byte[] wire = Arrays.copyOf(HEX.parseHex(start), length);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> CmAccept.decode(ByteBuffer.wrap(wire)))
                .withMessageContaining(message);
    }

    @Test
    void aRejectionHasTheBytesOfTheSpecification() {
        assertThat(HEX.formatHex(new CmReject(4).encode().array())).isEqualTo("0000" + "0400");
    }

    @ParameterizedTest
    @CsvSource({
        "00000100, invalid private data length (STS 1)",
        "00000200, invalid RECFMT (STS 2)",
        "00000300, invalid QID (STS 3)",
        "00000400, invalid HSQSIZE (STS 4)",
        "00000500, invalid HRQSIZE (STS 5)",
        "00000600, no resources (STS 6)",
        "00000700, invalid IRD (STS 7)",
        "00000800, invalid ORD (STS 8)",
        "0000080000000000, invalid ORD (STS 8)",
        "00000900, unknown reason (STS 9)",
        "00000000, unknown reason (STS 0)",
        "01000100, the reason has the unknown format 1",
        "000001, no reason was given",
        "'', no reason was given",
    })
    void aRejectionIsPutIntoWords(String wire, String text) {
        assertThat(CmReject.text(HEX.parseHex(wire))).isEqualTo(text);
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HEX.parseHex(hex));
    }
}
