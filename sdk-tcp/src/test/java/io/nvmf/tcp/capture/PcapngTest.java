package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Blocks byte for byte as draft-ietf-opsawg-pcapng has them: sections 4.1 (Section Header Block), 4.2 (Interface
 * Description Block), 4.3 (Enhanced Packet Block), 4.6 (Interface Statistics Block) and 3.5 (Options). The link type is
 * LINKTYPE_RAW of the registry at www.tcpdump.org/linktypes.html.
 */
class PcapngTest {

    private final ByteBuffer out = Pcapng.buffer(1024);

    private static String utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(bytes) + "00".repeat(-bytes.length & 3);
    }

    private String written() {
        byte[] bytes = new byte[out.position()];
        out.duplicate().flip().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String little(int value) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
    }

    private static String littleShort(int value) {
        return HexFormat.of().toHexDigits(Short.reverseBytes((short) value));
    }

    private static String option(int code, String text) {
        return littleShort(code) + littleShort(text.getBytes(StandardCharsets.UTF_8).length) + utf8(text);
    }

    @Test
    void aSectionHasItsHeaderAndOneInterfaceOfRawIpInNanoseconds() {
        Pcapng.section(out, "why");

        String os = System.getProperty("os.name") + ' ' + System.getProperty("os.version");
        String body = "4d3c2b1a" + "0100" + "0000" + "ffffffffffffffff" // byte order, version 1.0, length unknown
                + option(3, os) + option(4, "nvmf-sdk") + option(1, "why") + "00000000";
        String length = little(body.length() / 2 + 12);
        String description = "6500" + "0000" + "00000000" // LINKTYPE_RAW, reserved, no limit
                + option(2, "nvme-tcp") + "0900" + "0100" + "09000000" + "00000000";
        String descriptionLength = little(description.length() / 2 + 12);
        assertThat(written())
                .isEqualTo("0a0d0d0a" + length + body + length + "01000000" + descriptionLength + description
                        + descriptionLength);
    }

    @Test
    void aPacketHasItsTimeItsLengthsItsBytesAndItsOptions() {
        CapturedPacket packet = new CapturedPacket(
                0x0102030405060708L, true, new byte[] {1, 2}, new byte[] {3, 4, 99}, 2, 2, new byte[] {5}, 300, "öh");
        Pcapng.packet(out, packet, 0x11);

        String body = "00000000" + "04030201" + "08070605" // interface, time: high, low
                + "07000000" + "2c010000" // captured, original length
                + "01020304" + "00000500" // the packet and a byte of padding
                + "0200" + "0400" + "01000000" // flags: inbound
                + "0400" + "0800" + "1100000000000000" // drop count
                + option(1, "öh") + "00000000";
        String length = little(body.length() / 2 + 12);
        assertThat(written()).isEqualTo("06000000" + length + body + length);
        assertThat(out.position()).isLessThanOrEqualTo(Pcapng.mostBytes(packet));
    }

    @Test
    void anOutboundPacketOfMoreThanTheFormatCanSayIsAsLongAsItCanSay() {
        CapturedPacket packet =
                new CapturedPacket(0, false, new byte[] {1}, new byte[0], 0, 0, new byte[0], 1L << 33, null);
        Pcapng.packet(out, packet, 0);

        String length = little(12 + 20 + 4 + 8 + 4);
        assertThat(written())
                .isEqualTo("06000000" + length + "000000000000000000000000" + "01000000" + "ffffffff" + "01000000"
                        + "0200" + "0400" + "02000000" + "00000000" + length);
    }

    @Test
    void statisticsSayHowManyPacketsThereWereAndHowManyAreMissing() {
        Pcapng.statistics(out, 5, 1000, 7);

        String length = little(12 + 12 + 12 + 12 + 4);
        assertThat(written())
                .isEqualTo("05000000" + length + "00000000" + "00000000" + "05000000" + "0400" + "0800"
                        + "e803000000000000" + "0500" + "0800" + "0700000000000000" + "00000000" + length);
    }
}
