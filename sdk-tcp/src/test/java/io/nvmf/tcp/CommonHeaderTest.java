package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check of the common header, in both roles, up to the bytes of the termination request. */
class CommonHeaderTest {

    private static final Agreed HEADER = new Agreed(true, false, 4, 4, 0, 4096);
    private static final Agreed DATA = new Agreed(false, true, 4, 4, 0, 4096);
    private static final Agreed WIDE = new Agreed(true, true, 20, 12, 0, 4096);
    private static final byte[] BYTES = EmbeddedPair.pattern(16);

    private static Arguments row(String name, Agreed agreed, TestPdu pdu, int fes, long fei) {
        return Arguments.of(name, agreed, pdu, fes, fei);
    }

    private static TestPdu command() {
        return TestPdu.capsuleCmd(0x18, 1, 0);
    }

    private static TestPdu inCapsule() {
        return TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(BYTES);
    }

    private static TestPdu h2cData() {
        return TestPdu.h2cData(1, 1, 0, BYTES, TestPdu.LAST);
    }

    private static TestPdu c2hData() {
        return TestPdu.c2hData(1, 0, BYTES, TestPdu.LAST);
    }

    private static TestPdu response() {
        return TestPdu.capsuleResp(1, 0);
    }

    private static TestPdu r2t() {
        return TestPdu.r2t(1, 1, 0, 16);
    }

    static Stream<Arguments> toController() {
        return Stream.of(
                row("type: ICReq", Agreed.PLAIN, TestPdu.icReq(0, 0, 0), 1, 0),
                row("type: ICResp", Agreed.PLAIN, TestPdu.icResp(0, 0, 4096), 1, 0),
                row("type: C2HTermReq", Agreed.PLAIN, TestPdu.termReq(0x03, 1, 0, new byte[0]), 1, 0),
                row("type: CapsuleResp", Agreed.PLAIN, response(), 1, 0),
                row("type: C2HData", Agreed.PLAIN, c2hData(), 1, 0),
                row("type: 08h", Agreed.PLAIN, TestPdu.of(0x08, 24), 1, 0),
                row("type: R2T", Agreed.PLAIN, r2t(), 1, 0),
                row("type: FFh", Agreed.PLAIN, TestPdu.of(0xFF, 8), 1, 0),
                row("type before flags", Agreed.PLAIN, response().flags(0xFF), 1, 0),
                row(
                        "flags of H2CTermReq",
                        Agreed.PLAIN,
                        TestPdu.termReq(0x02, 1, 0, new byte[0]).flags(1),
                        1,
                        1),
                row("LAST on CapsuleCmd", Agreed.PLAIN, command().flags(TestPdu.LAST), 1, 1),
                row("SUCCESS on CapsuleCmd", Agreed.PLAIN, command().flags(TestPdu.SUCCESS), 1, 1),
                row("SUCCESS on H2CData", Agreed.PLAIN, h2cData().flags(TestPdu.LAST | TestPdu.SUCCESS), 1, 1),
                row("reserved flag", Agreed.PLAIN, command().flags(0x10), 1, 1),
                row("HDGSTF without agreement", Agreed.PLAIN, command().exactFlags(1), 1, 1),
                row("no HDGSTF", HEADER, command().exactFlags(0), 1, 1),
                row("DDGSTF without agreement", Agreed.PLAIN, inCapsule().exactFlags(2), 1, 1),
                row("DDGSTF without data", DATA, command().exactFlags(2), 1, 1),
                row("no DDGSTF", DATA, inCapsule().exactFlags(0), 1, 1),
                row("no DDGSTF on H2CData", DATA, h2cData().exactFlags(TestPdu.LAST), 1, 1),
                row("flags before HLEN", Agreed.PLAIN, command().flags(0x80).hlen(71), 1, 1),
                row("HLEN of CapsuleCmd", Agreed.PLAIN, command().hlen(71), 1, 2),
                row("HLEN of H2CData", Agreed.PLAIN, h2cData().hlen(25), 1, 2),
                row("HLEN 0", Agreed.PLAIN, command().hlen(0), 1, 2),
                row("HLEN 255", Agreed.PLAIN, command().hlen(255), 1, 2),
                row("HLEN before PDO", Agreed.PLAIN, inCapsule().hlen(64).pdo(1), 1, 2),
                row(
                        "PDO of H2CTermReq",
                        Agreed.PLAIN,
                        TestPdu.termReq(0x02, 1, 0, new byte[8]).pdo(24),
                        1,
                        3),
                row("PDO within the header", Agreed.PLAIN, inCapsule().pdo(68), 1, 3),
                row("PDO within the header digest", HEADER, inCapsule().pdo(72), 1, 3),
                row("PDO 0 with data", Agreed.PLAIN, inCapsule().pdo(0), 1, 3),
                row("PDO not aligned", Agreed.PLAIN, inCapsule().pdo(73), 1, 3),
                row("PDO not aligned to 12", WIDE, inCapsule().pdo(80), 1, 3),
                row("PDO beyond PLEN", Agreed.PLAIN, inCapsule().pdo(92), 1, 3),
                row("PDO without data", Agreed.PLAIN, command().pdo(76), 1, 3),
                row("PDO before PLEN", Agreed.PLAIN, command().pdo(76).plen(71), 1, 3),
                row("PLEN less than the header", Agreed.PLAIN, command().plen(71), 1, 4),
                row("PLEN less than the header digest", HEADER, command().plen(72), 1, 4),
                row("PLEN 0", Agreed.PLAIN, command().plen(0), 1, 4),
                row("PLEN 7", Agreed.PLAIN, command().plen(7), 1, 4),
                row("data digest of nothing", DATA, inCapsule().plen(76), 1, 4),
                row("half a data digest", DATA, inCapsule().plen(74), 1, 4),
                row("PLEN of H2CData", Agreed.PLAIN, h2cData().plen(23), 1, 4),
                row(
                        "PLEN of H2CData, nothing but a common header",
                        Agreed.PLAIN,
                        h2cData().plen(8),
                        1,
                        4),
                row(
                        "PLEN of H2CData within the header digest",
                        HEADER,
                        h2cData().plen(27),
                        1,
                        4),
                row("PLEN of H2CData with data digest", DATA, h2cData().plen(23), 1, 4),
                row("PLEN of H2CData with wide alignment", WIDE, h2cData().plen(23), 1, 4),
                row("PLEN of H2CData, PDO 0", Agreed.PLAIN, h2cData().pdo(0).plen(23), 1, 4),
                row("PLEN of CapsuleCmd with data", Agreed.PLAIN, inCapsule().plen(71), 1, 4),
                row(
                        "PLEN of CapsuleCmd with data and digests",
                        WIDE,
                        inCapsule().plen(75),
                        1,
                        4),
                row(
                        "DDGSTF without agreement before PLEN",
                        Agreed.PLAIN,
                        h2cData().exactFlags(2).plen(23),
                        1,
                        1),
                row(
                        "PDO not aligned before PLEN",
                        Agreed.PLAIN,
                        h2cData().pdo(25).plen(23),
                        1,
                        3),
                row(
                        "PDO within the header before PLEN",
                        Agreed.PLAIN,
                        h2cData().pdo(20).plen(23),
                        1,
                        3),
                row("header digest", HEADER, command().damageHeader(), 3, -1),
                row("header digest of data", WIDE, h2cData().damageHeader(), 3, -1),
                row("field before header digest", HEADER, command().hlen(71).damageHeader(), 1, 2));
    }

    static Stream<Arguments> toHost() {
        return Stream.of(
                row("type: ICReq", Agreed.PLAIN, TestPdu.icReq(0, 0, 0), 1, 0),
                row("type: H2CTermReq", Agreed.PLAIN, TestPdu.termReq(0x02, 1, 0, new byte[0]), 1, 0),
                row("type: CapsuleCmd", Agreed.PLAIN, command(), 1, 0),
                row("type: H2CData", Agreed.PLAIN, h2cData(), 1, 0),
                row("type: 0Ah", Agreed.PLAIN, TestPdu.of(0x0A, 24), 1, 0),
                row(
                        "flags of C2HTermReq",
                        Agreed.PLAIN,
                        TestPdu.termReq(0x03, 1, 0, new byte[0]).flags(2),
                        1,
                        1),
                row("DDGSTF on CapsuleResp", DATA, response().exactFlags(2), 1, 1),
                row("LAST on CapsuleResp", Agreed.PLAIN, response().flags(TestPdu.LAST), 1, 1),
                row("LAST on R2T", Agreed.PLAIN, r2t().flags(TestPdu.LAST), 1, 1),
                row("DDGSTF on R2T", DATA, r2t().exactFlags(2), 1, 1),
                row("SUCCESS without LAST", Agreed.PLAIN, c2hData().flags(TestPdu.SUCCESS), 1, 1),
                row("no HDGSTF on R2T", HEADER, r2t().exactFlags(0), 1, 1),
                row("no DDGSTF on C2HData", DATA, c2hData().exactFlags(TestPdu.LAST), 1, 1),
                row("HLEN of CapsuleResp", Agreed.PLAIN, response().hlen(20), 1, 2),
                row("HLEN of C2HData", Agreed.PLAIN, c2hData().hlen(28), 1, 2),
                row("HLEN of R2T", Agreed.PLAIN, r2t().hlen(16), 1, 2),
                row("PDO of CapsuleResp", Agreed.PLAIN, response().pdo(24), 1, 3),
                row("PDO of R2T", Agreed.PLAIN, r2t().pdo(24), 1, 3),
                row("PDO not aligned to 20", WIDE, c2hData().pdo(32), 1, 3),
                row("PDO within the header", Agreed.PLAIN, c2hData().pdo(20), 1, 3),
                row("CapsuleResp with data", Agreed.PLAIN, response().plen(28), 1, 4),
                row("R2T with data", Agreed.PLAIN, r2t().plen(4096), 1, 4),
                row("PLEN of C2HData, PDO 0", Agreed.PLAIN, c2hData().pdo(0).plen(23), 1, 4),
                row("PLEN of C2HData", Agreed.PLAIN, c2hData().plen(23), 1, 4),
                row("PLEN of C2HData with data digest", DATA, c2hData().plen(20), 1, 4),
                row("PLEN of C2HData with wide alignment", WIDE, c2hData().plen(27), 1, 4),
                row("PLEN of CapsuleResp", Agreed.PLAIN, response().plen(23), 1, 4),
                row("PLEN of R2T", HEADER, r2t().plen(27), 1, 4),
                row("data digest of nothing", DATA, c2hData().plen(28), 1, 4),
                row("header digest", HEADER, response().damageHeader(), 3, -1),
                row("header digest of R2T", WIDE, r2t().damageHeader(), 3, -1));
    }

    /** The whole header where HLEN makes sense, else what is certain to be one. */
    private static byte[] quoted(TestPdu pdu) {
        byte[] all = pdu.bytes();
        int hlen = all[2] & 0xFF;
        long plen = (all[4] & 0xFFL) | (all[5] & 0xFFL) << 8 | (all[6] & 0xFFL) << 16 | (all[7] & 0xFFL) << 24;
        return Arrays.copyOf(all, hlen < 8 || hlen > plen ? 8 : Math.min(128, hlen));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("toController")
    @Covers({
        "Only types that the receiver's role allows",
        "Flags, HLEN, PDO and PLEN are checked in this order; each has its FES and FEI",
        "Data begins at a multiple of the receiver's alignment, which need not be a power of two",
        "DDGST only where there is data"
    })
    void controllerReports(String name, Agreed agreed, TestPdu pdu, int fes, long fei) {
        agreed.toController(pdu);
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedController controller = new EmbeddedController(agreed, fragmentation)) {
                controller.deliver(pdu);

                controller.expectViolation(0x03, fes, fei < 0 ? pdu.headerDigestOnWire() : fei, quoted(pdu));
                assertThat(controller.commands).isEmpty();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("toHost")
    @Covers({
        "Only types that the receiver's role allows",
        "Flags, HLEN, PDO and PLEN are checked in this order; each has its FES and FEI",
        "A wrong header digest is fatal, FES 3 with the digest received"
    })
    void hostReports(String name, Agreed agreed, TestPdu pdu, int fes, long fei) {
        agreed.toHost(pdu);
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation)) {
                host.deliver(pdu);

                host.expectViolation(0x02, fes, fei < 0 ? pdu.headerDigestOnWire() : fei, quoted(pdu));
                assertThat(host.responses).isEmpty();
            }
        }
    }

    static Stream<Arguments> lengthsOfBrokenTermReqs() {
        return Stream.of(23L, 0L, 153L, 0xFFFFFFFFL).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("lengthsOfBrokenTermReqs")
    @Covers("One whose PLEN is outside 24..152 is not answered")
    void aTermReqOfIllegalLengthResetsWithoutAnswer(long length) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation);
                    EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, fragmentation)) {
                host.deliver(
                        TestPdu.termReq(0x03, 1, 0, new byte[0]).flags(0xFF).plen(length));
                controller.deliver(TestPdu.termReq(0x02, 1, 0, new byte[0]).plen(length));

                for (EmbeddedPair side : new EmbeddedPair[] {host, controller}) {
                    assertThat(side.end()).isInstanceOf(Termination.ProtocolError.class);
                    side.expectNothing();
                    assertThat(side.channel.isOpen()).isFalse();
                }
            }
        }
    }
}
