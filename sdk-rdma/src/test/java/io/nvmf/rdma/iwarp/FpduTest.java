package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.testing.Covers;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Check sums and sizes. */
class FpduTest {

    @Test
    @Covers("Length, padding to four bytes and the CRC32C of the RFC")
    void theCheckSumIsThatOfTheRfc() {
        // RFC 5044, appendix: with the marker in front, and without.
        String fpdu = "002a4143" + "00".repeat(8) + "00000001" + "00".repeat(4) + "00".repeat(24);
        assertThat(crc("00000000" + fpdu)).isEqualTo("52239983");
        assertThat(crc(fpdu)).isEqualTo("b7243ec3");
    }

    private static String crc(String hex) {
        CRC32C crc = new CRC32C();
        crc.update(HexFormat.of().parseHex(hex));
        return HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue()));
    }

    @Test
    @Covers("Length, padding to four bytes and the CRC32C of the RFC")
    void paddingFillsWords() {
        assertThat(Fpdu.padding(42)).isZero();
        assertThat(Fpdu.padding(14)).isZero();
        assertThat(Fpdu.padding(15)).isEqualTo(3);
        assertThat(Fpdu.padding(16)).isEqualTo(2);
        assertThat(Fpdu.padding(17)).isEqualTo(1);
    }

    @Test
    void anFpduFitsIntoASegmentOfTcp() {
        assertThat(Fpdu.ulpdu(0)).isEqualTo(1442);
        assertThat(Fpdu.ulpdu(1460)).isEqualTo(1454);
        assertThat(Fpdu.ulpdu(1461)).isEqualTo(1454);
        assertThat(Fpdu.ulpdu(65_483)).isEqualTo(Fpdu.MOST_ULPDU);
        assertThat(Fpdu.ulpdu(88)).isEqualTo(Fpdu.LEAST_ULPDU);
        for (int segment = 140; segment < 9000; segment++) {
            int ulpdu = Fpdu.ulpdu(segment);
            int fpdu = DdpHeader.LENGTH_FIELD + ulpdu + Fpdu.padding(ulpdu) + Fpdu.CRC;
            assertThat(fpdu).isLessThanOrEqualTo(segment);
        }
    }
}
