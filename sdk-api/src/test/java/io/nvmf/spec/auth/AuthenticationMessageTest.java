package io.nvmf.spec.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.Covers;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuthenticationMessageTest {
    private static final int INDEX = 7;
    private static final AuthNegotiate NEGOTIATE = new AuthNegotiate(
            0x1234,
            2,
            List.of(
                    new AuthNegotiate.Protocol(AuthNegotiate.DH_HMAC_CHAP, List.of(3, 1, 0x77), List.of(5, 0)),
                    new AuthNegotiate.Protocol(0x42, List.of(), List.of())));

    static Stream<AuthenticationMessage> messages() {
        return Stream.of(
                NEGOTIATE,
                new DhChapChallenge(1, 1, 0, 0xFFFF_FFFFL, octets(32, 1), Octets.empty()),
                new DhChapChallenge(0xFFFF, 3, 5, 1, octets(64, 2), octets(1024, 3)),
                new DhChapChallenge(1, 9, 9, 1, octets(20, 2), octets(30, 3)),
                new DhChapReply(2, true, 7, octets(48, 4), octets(48, 5), octets(256, 6)),
                new DhChapReply(2, false, 0, octets(32, 4), Octets.zeroes(32), Octets.empty()),
                new DhChapSuccess1(3, true, octets(32, 7)),
                new DhChapSuccess1(3, false, Octets.zeroes(32)),
                new DhChapSuccess2(4),
                AuthFailure.ofController(5, AuthenticationFailure.HASH_NOT_USABLE),
                AuthFailure.ofHost(6, AuthenticationFailure.INCORRECT_MESSAGE),
                new AuthFailure(7, true, 2, 0xEE),
                new UnknownMessage(0, 0x11, 8),
                new UnknownMessage(1, 5, 8),
                new UnknownMessage(0xFF, 1, 9));
    }

    private static Octets octets(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return Octets.of(bytes);
    }

    @ParameterizedTest
    @MethodSource("messages")
    @Covers("Every message has its fields and its length; a shorter or longer one is refused")
    void whatIsEncodedIsDecoded(AuthenticationMessage message) {
        ByteBuf buffer = encode(message);
        assertThat(AuthenticationMessage.decode(buffer, INDEX, message.length()))
                .isEqualTo(message);
        assertThat(AuthenticationMessage.decodePadded(buffer.writeZero(100), INDEX, message.length() + 100))
                .isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    @Covers("Every message has its fields and its length; a shorter or longer one is refused")
    void everyShorterAndEveryLongerMessageIsRefused(AuthenticationMessage message) {
        ByteBuf buffer = encode(message).writeZero(1);
        for (int length = 0; length < message.length(); length++) {
            refused(buffer, length);
        }
        if (!(message instanceof UnknownMessage)) {
            refused(buffer, message.length() + 1);
        }
    }

    /** The length that a command tells is no reason to read what is not there. */
    @Test
    void lengthsBeyondTheBufferAreShortMessages() {
        ByteBuf buffer = encode(new DhChapSuccess2(4));
        buffer.writerIndex(buffer.writerIndex() - 1);
        refused(buffer, 16);
        refused(buffer, Integer.MAX_VALUE);
        refused(buffer, -1);
    }

    private static void refused(ByteBuf buffer, int length) {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> AuthenticationMessage.decode(buffer, INDEX, length));
    }

    private static ByteBuf encode(AuthenticationMessage message) {
        ByteBuf buffer = Unpooled.buffer(INDEX + message.length());
        for (int i = 0; i < INDEX + message.length(); i++) {
            buffer.writeByte(0xEE);
        }
        message.encode(buffer, INDEX);
        return buffer;
    }

    private static String digits(AuthenticationMessage message) {
        return ByteBufUtil.hexDump(encode(message), INDEX, message.length());
    }

    @Test
    void negotiateHasDescriptorsOf64BytesWithTwoListsOf30() {
        assertThat(digits(NEGOTIATE))
                .isEqualTo("0000000034120202" + "01000302" + "030177" + "00".repeat(27) + "0500" + "00".repeat(28)
                        + "42" + "00".repeat(63));
    }

    @Test
    @Covers("Every message has its fields and its length; a shorter or longer one is refused")
    void challengeHasItsFields() {
        assertThat(digits(new DhChapChallenge(0x1234, 2, 1, 0x11223344, octets(48, 0xC1), octets(256, 0xD1))))
                .isEqualTo("0101000034123000" + "0201" + "0001" + "44332211" + "c1".repeat(48) + "d1".repeat(256));
    }

    @Test
    @Covers("Every message has its fields and its length; a shorter or longer one is refused")
    void replyHasRoomForBothValues() {
        assertThat(digits(new DhChapReply(0x1234, true, 5, octets(32, 0xA1), octets(32, 0xC2), octets(384, 0xD2))))
                .isEqualTo("0102000034122000" + "0100" + "8001" + "05000000" + "a1".repeat(32) + "c2".repeat(32)
                        + "d2".repeat(384));
        assertThat(digits(new DhChapReply(0x1234, false, 5, octets(32, 0xA1), Octets.zeroes(32), Octets.empty())))
                .isEqualTo("0102000034122000" + "0000" + "0000" + "05000000" + "a1".repeat(32) + "00".repeat(32));
    }

    @Test
    @Covers("Every message has its fields and its length; a shorter or longer one is refused")
    void successesAndFailuresHaveTheirFields() {
        assertThat(digits(new DhChapSuccess1(0x1234, true, octets(64, 0xA2))))
                .isEqualTo("0103000034124000" + "0100000000000000" + "a2".repeat(64));
        assertThat(digits(new DhChapSuccess1(0x1234, false, Octets.zeroes(64))))
                .isEqualTo("0103000034124000" + "0000000000000000" + "00".repeat(64));
        assertThat(digits(new DhChapSuccess2(0x1234))).isEqualTo("010400003412" + "00".repeat(10));
        assertThat(digits(AuthFailure.ofController(0x1234, AuthenticationFailure.AUTHENTICATION_FAILED)))
                .isEqualTo("00f1000034120101");
        assertThat(digits(AuthFailure.ofHost(0x1234, AuthenticationFailure.INCORRECT_PAYLOAD)))
                .isEqualTo("00f0000034120106");
    }

    @Test
    void lengthsThatContradictTheChoiceAreRefused() {
        violation("010100003412 2000 0200 0000 01000000" + "00".repeat(32), "HL");
        violation("010100003412 2000 0100 0100 01000000" + "00".repeat(33), "DHVLEN");
        violation("010100003412 2000 0101 0000 01000000" + "00".repeat(32), "DHVLEN");
        violation("010200003412 2000 0200 0000 01000000" + "00".repeat(64), "CVALID");
        violation("010300003412 2000 0200 0000 00000000" + "00".repeat(32), "RVALID");
        violation("000000003412 0001 01001f00" + "00".repeat(60), "HALEN");
        violation("000000003412 0001 0100001f" + "00".repeat(60), "DHLEN");
        violation("000000003412 00ff 01000000" + "00".repeat(60), "AUTH_Negotiate");
        violation("010200003412 ff00 0000 ffff 01000000" + "00".repeat(64), "DHCHAP_Reply");
    }

    private static void violation(String hex, String field) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> AuthenticationMessage.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length))
                .satisfies(violation -> assertThat(violation.field()).isEqualTo(field));
    }

    @Test
    void valuesThatDoNotFitAreNotEncoded() {
        notEncoded(new DhChapSuccess2(0x1_0000), "T_ID");
        notEncoded(new DhChapChallenge(1, 1, 0, 1L << 32, octets(32, 1), Octets.empty()), "SEQNUM");
        notEncoded(new DhChapReply(1, false, 1, octets(32, 1), Octets.empty(), Octets.empty()), "C2");
        notEncoded(new AuthNegotiate(1, 256, List.of()), "SC_C");
        notEncoded(
                new AuthNegotiate(1, 0, List.of(new AuthNegotiate.Protocol(1, Collections.nCopies(31, 1), List.of()))),
                "HALEN");
    }

    private static void notEncoded(AuthenticationMessage message, String field) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> message.encode(Unpooled.buffer(2048), 0))
                .withMessageContaining(field);
    }

    @Test
    void identifiersHaveTheirNumbers() {
        assertThat(Stream.of(DhChapHash.values()).map(DhChapHash::value)).containsExactly(1, 2, 3);
        assertThat(Stream.of(DhChapHash.values()).map(DhChapHash::length)).containsExactly(32, 48, 64);
        assertThat(Stream.of(DhGroup.values()).map(DhGroup::value)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(Stream.of(DhGroup.values()).map(DhGroup::length)).containsExactly(0, 256, 384, 512, 768, 1024);
        assertThat(Stream.of(AuthenticationFailure.values()).map(AuthenticationFailure::explanation))
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(SecureChannel.find(2)).contains(SecureChannel.NEW_TLS_PSK);
        assertThat(DhChapHash.find(0)).isEmpty();
        assertThat(DhGroup.find(6)).isEmpty();
        assertThat(SecureChannel.find(4)).isEmpty();
        assertThat(AuthenticationFailure.find(8)).isEmpty();
    }

    @Test
    void failuresOfAnotherReasonHaveNoMeaning() {
        assertThat(AuthFailure.ofHost(1, AuthenticationFailure.GROUP_NOT_USABLE).failure())
                .contains(AuthenticationFailure.GROUP_NOT_USABLE);
        assertThat(new AuthFailure(1, true, 2, 5).failure()).isEmpty();
        assertThat(new AuthFailure(1, true, 1, 0xEE).failure()).isEmpty();
    }

    @Test
    void octetsAreCopiedAndNotShown() {
        byte[] bytes = {1, 2, 3};
        Octets octets = Octets.of(bytes);
        bytes[0] = 9;
        octets.toByteArray()[1] = 9;
        assertThat(octets).isEqualTo(Octets.of(new byte[] {1, 2, 3})).hasToString("3 octets");
        assertThat(octets).isNotEqualTo(Octets.of(new byte[] {1, 2, 4})).isNotEqualTo(Octets.empty());
        assertThat(octets.hashCode()).isEqualTo(Octets.of(new byte[] {1, 2, 3}).hashCode());
    }

    @Test
    @Covers("Security protocol, SPSP and length are where the commands have them")
    void commandsAreEncodedAndDecoded() {
        ByteBuf buffer = Unpooled.buffer(64);
        AuthenticationCommand send = AuthenticationCommand.send(0x11223344);
        send.encode(buffer, 0);
        assertThat(ByteBufUtil.hexDump(buffer, 0, 64))
                .isEqualTo("7f40000005" + "00".repeat(36) + "0101e9" + "44332211" + "00".repeat(16));
        assertThat(AuthenticationCommand.decode(buffer, 0)).isEqualTo(send);
        assertThat(send.carriesMessage()).isTrue();
        AuthenticationCommand receive = AuthenticationCommand.receive(AuthenticationMessage.BUFFER_LENGTH);
        receive.encode(buffer, 0);
        assertThat(SubmissionQueueEntry.fabricsCommandType(buffer, 0)).isEqualTo(6);
        assertThat(AuthenticationCommand.decode(buffer, 0)).isEqualTo(receive);
    }

    @Test
    void commandFieldsAreUnsignedAndKept() {
        ByteBuf buffer = Unpooled.buffer(64);
        AuthenticationCommand odd = new AuthenticationCommand(true, 0xFF, 0xFE, 0xFD, 0xFFFF_FFFFL);
        odd.encode(buffer, 0);
        assertThat(AuthenticationCommand.decode(buffer, 0)).isEqualTo(odd);
        assertThat(odd.carriesMessage()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AuthenticationCommand(true, 1, 1, 0xE9, 1L << 32).encode(buffer, 0))
                .withMessageContaining("TL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthenticationCommand.receive(-1).encode(buffer, 0))
                .withMessageContaining("AL");
    }
}
