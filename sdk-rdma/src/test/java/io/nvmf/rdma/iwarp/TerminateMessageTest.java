package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.testing.Covers;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The layout of the RFC, and the one of siw. */
class TerminateMessageTest {

    @ParameterizedTest
    @CsvSource({
        "11000300, TAGGED_INVALID_STAG",
        "20070300, RDMAP_STREAM",
        "21030300, UNTAGGED_MSN",
        "21020300, UNTAGGED_NO_BUFFER",
        "02020000, MPA_CRC",
        "21060300, UNTAGGED_VERSION",
        "20090300, RDMAP_CANNOT_INVALIDATE",
    })
    @Covers("A received one ends the connection and is not answered; that of Linux is understood")
    void whatSiwSendsIsUnderstood(String hex, TerminateError error) {
        TerminateMessage message =
                TerminateMessage.decode(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)), 0);
        assertThat(message.code()).isEqualTo(error.code());
        assertThat(message)
                .hasToString(error + " (" + error.layer() + '/' + error.type() + '/' + error.errorCode() + ')');
    }

    @Test
    void whatMayMeanBothIsReadAsTheRfcHasItAndTold() {
        TerminateMessage message =
                TerminateMessage.decode(Unpooled.wrappedBuffer(HexFormat.of().parseHex("20060000")), 0);
        assertThat(message.code()).isEqualTo(TerminateError.MPA_READS.code());
        assertThat(message)
                .hasToString(
                        "MPA not enough inbound reads (2/0/6), or, if this is siw, RDMAP unexpected opcode (0/2/6)");
    }

    @ParameterizedTest
    @EnumSource(TerminateError.class)
    @Covers("Layer, type and code, and the header of the segment; the last that is sent")
    void whatThisSideSendsIsUnderstood(TerminateError error) {
        ByteBuf out = Unpooled.buffer();
        DdpHeader header = new DdpHeader();
        header.bytes()[1] = 18;
        TerminateMessage.encode(out, error, header, null);
        assertThat(TerminateMessage.decode(out, 0).code()).isEqualTo(error.code());
    }

    @Test
    @Covers("Layer, type and code, and the header of the segment; the last that is sent")
    void theHeaderOfTheSegmentFollowsAsTheRfcHasIt() {
        ByteBuf out = Unpooled.buffer();
        DdpHeader header = new DdpHeader();
        HexFormat hex = HexFormat.of();
        byte[] tagged = hex.parseHex("0012c140aabbccdd1122334455667788");
        System.arraycopy(tagged, 0, header.bytes(), 0, tagged.length);

        TerminateMessage.encode(out, TerminateError.TAGGED_BOUNDS, header, null);

        assertThat(hex.formatHex(out.array(), 0, out.writerIndex()))
                .isEqualTo("1101c000" + "0012c140aabbccdd1122334455667788");
        out.clear();
        TerminateMessage.encode(out, TerminateError.MPA_CRC, null, null);
        assertThat(hex.formatHex(out.array(), 0, out.writerIndex())).isEqualTo("20020000");
    }
}
