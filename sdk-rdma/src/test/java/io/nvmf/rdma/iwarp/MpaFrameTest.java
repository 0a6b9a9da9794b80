package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.testing.Covers;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames as Linux' siw and this side send them, byte for byte. */
class MpaFrameTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String REQUEST_KEY = "4d504120494420526571204672616d65";
    private static final String REPLY_KEY = "4d504120494420526570204672616d65";

    private static final String REQUEST = REQUEST_KEY + "50020024" + "00800000" + "0000000020001f00" + "00".repeat(24);
    private static final String REPLY = REPLY_KEY + "50020024" + "00000080" + "00002000" + "00".repeat(28);
    private static final String REJECT = REPLY_KEY + "70020008" + "00000080" + "00000200";

    private static byte[] cmData(String start, int length) {
        byte[] data = new byte[length];
        byte[] first = HEX.parseHex(start);
        System.arraycopy(first, 0, data, 0, first.length);
        return data;
    }

    private static String encoded(MpaFrame frame) {
        ByteBuf out = Unpooled.buffer();
        frame.encode(out);
        return HEX.formatHex(out.array(), 0, out.writerIndex());
    }

    private static MpaFrame parsed(String hex, boolean reply) throws IwarpViolation {
        return MpaFrame.parse(Unpooled.wrappedBuffer(HEX.parseHex(hex)), reply);
    }

    @Test
    @Covers("Request, reply and rejection: key, flags, revision, length and private data of at most 512 bytes")
    void requestReplyAndRejectionAreTheGoldenBytes() {
        assertThat(encoded(new MpaFrame(false, 0x50, 2, 128, 0, cmData("0000000020001f00", 32))))
                .isEqualTo(REQUEST);
        assertThat(encoded(new MpaFrame(true, 0x50, 2, 0, 128, cmData("00002000", 32))))
                .isEqualTo(REPLY);
        assertThat(encoded(new MpaFrame(true, 0x70, 2, 0, 128, cmData("00000200", 4))))
                .isEqualTo(REJECT);
    }

    @Test
    @Covers("Request, reply and rejection: key, flags, revision, length and private data of at most 512 bytes")
    void goldenBytesAreUnderstood() throws Exception {
        MpaFrame request = parsed(REQUEST, false);
        assertThat(request.has(MpaFrame.CRC)).isTrue();
        assertThat(request.has(MpaFrame.MARKERS)).isFalse();
        assertThat(request.revision()).isEqualTo(2);
        assertThat(request.readsIn()).isEqualTo(128);
        assertThat(request.readsOut()).isZero();
        assertThat(request.privateData()).isEqualTo(cmData("0000000020001f00", 32));
        assertThat(encoded(request)).isEqualTo(REQUEST);
        assertThat(encoded(parsed(REPLY, true))).isEqualTo(REPLY);
        MpaFrame reject = parsed(REJECT, true);
        assertThat(reject.has(MpaFrame.REJECTED)).isTrue();
        assertThat(encoded(reject)).isEqualTo(REJECT);
    }

    @Test
    void aFrameIsNotThereBeforeItsLastByte() throws Exception {
        byte[] bytes = HEX.parseHex(REQUEST);
        for (int n = 0; n < bytes.length; n++) {
            assertThat(MpaFrame.parse(Unpooled.wrappedBuffer(bytes, 0, n), false))
                    .isNull();
        }
    }

    @Test
    void revisionOneHasNoReads() throws Exception {
        MpaFrame frame = parsed(REQUEST_KEY + "40010004" + "01020304", false);
        assertThat(frame.agreesOnReads()).isFalse();
        assertThat(frame.privateData()).containsExactly(1, 2, 3, 4);
    }

    @Test
    @Covers("IRD and ORD are agreed on; what the host serves bounds what is issued")
    void readsThatAreNotAgreedOnHaveAllBitsSet() throws Exception {
        assertThat(parsed(REQUEST_KEY + "50020004" + "3fff3fff", false).agreesOnReads())
                .isFalse();
        assertThat(parsed(REQUEST_KEY + "50020004" + "bffe0001", false).agreesOnReads())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4e", // another key
                REPLY_KEY, // the other frame
                REQUEST_KEY + "50030004" + "00000000", // revision 3
                REQUEST_KEY + "50000004" + "00000000", // revision 0
                REQUEST_KEY + "50020201", // more private data than there may be
                REQUEST_KEY + "50020003" + "000000", // no room for the reads
                REQUEST_KEY + "50010004" + "00000000", // revision 1 has no reads
                REQUEST_KEY + "70020004" + "00000000", // a request does not reject
            })
    @Covers("Request, reply and rejection: key, flags, revision, length and private data of at most 512 bytes")
    void whatIsNoFrameIsRefused(String hex) {
        assertThatThrownBy(() -> parsed(hex, false))
                .isInstanceOfSatisfying(
                        IwarpViolation.class,
                        violation -> assertThat(violation.error()).isEqualTo(TerminateError.MPA_FRAME));
    }
}
