package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.TlsPsk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a client calls its keys, whatever the rest of its ClientHello. */
class ClientHelloIdentitiesTest {

    private static final int RECORD = 5;

    /** Of a client of ours. */
    static byte[] hello(TlsPsk... offered) {
        try (TlsEnd client = TlsEnd.client(offered)) {
            return client.sent();
        }
    }

    /** One with nothing but keys, whose binders nobody looks at. */
    static byte[] hello(byte[]... identities) {
        ByteBuf list = Unpooled.buffer();
        for (byte[] identity : identities) {
            list.writeShort(identity.length).writeBytes(identity).writeInt(0);
        }
        ByteBuf keys = Unpooled.buffer().writeShort(list.readableBytes()).writeBytes(list);
        keys.writeShort(33).writeByte(32).writeZero(32);
        ByteBuf extensions =
                Unpooled.buffer().writeShort(43).writeShort(3).writeByte(2).writeShort(0x0304);
        extensions.writeShort(41).writeShort(keys.readableBytes()).writeBytes(keys);
        ByteBuf hello = Unpooled.buffer().writeShort(0x0303).writeZero(32).writeByte(0);
        hello.writeShort(2).writeShort(0x1301).writeByte(1).writeByte(0);
        hello.writeShort(extensions.readableBytes()).writeBytes(extensions);
        ByteBuf record = Unpooled.buffer().writeByte(22).writeShort(0x0301).writeShort(4 + hello.readableBytes());
        record.writeByte(1).writeMedium(hello.readableBytes()).writeBytes(hello);
        byte[] bytes = new byte[record.readableBytes()];
        record.readBytes(bytes);
        return bytes;
    }

    private static List<String> read(byte[] bytes) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        List<String> identities = ClientHelloIdentities.of(in);
        assertThat(in.readerIndex()).isZero();
        return identities;
    }

    private static byte[] text(String identity) {
        return identity.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void areReadInTheirOrder() {
        assertThat(read(hello(Keys.SHA_256))).containsExactly(Keys.SHA_256.identity());
        assertThat(read(hello(Keys.OLD_256, Keys.SHA_384, Keys.SHA_256)))
                .containsExactly(Keys.SHA_384.identity(), Keys.SHA_256.identity(), Keys.OLD_256.identity());
        assertThat(read(hello(text("one"), text("zwölf"), text("one")))).containsExactly("one", "zwölf", "one");
    }

    @Test
    void aFewAreLookedAt() {
        byte[][] many = IntStream.range(0, 600).mapToObj(i -> text("key " + i)).toArray(byte[][]::new);

        assertThat(read(hello(many))).hasSize(8).startsWith("key 0").endsWith("key 7");
    }

    @Test
    void whatCannotBeOneIsLeftOut() {
        byte[] longest = new byte[TlsPsk.MOST_IDENTITY_BYTES];
        Arrays.fill(longest, (byte) 'x');
        byte[] tooLong = Arrays.copyOf(longest, longest.length + 1);
        byte[] noText = {'N', (byte) 0xFF, (byte) 0xFE};

        assertThat(read(hello(tooLong, noText, longest, text("last"))))
                .containsExactly(new String(longest, StandardCharsets.US_ASCII), "last");
    }

    @Test
    void anythingLessThanARecordHasNone() {
        byte[] hello = hello(Keys.SHA_256);
        for (int length = 0; length < hello.length; length++) {
            assertThat(read(Arrays.copyOf(hello, length))).isEmpty();
        }
        byte[] more = Arrays.copyOf(hello, hello.length + 100);
        assertThat(read(more)).hasSize(1);
    }

    @Test
    void aHelloOfSeveralRecordsHasNone() {
        byte[] hello = hello(Keys.SHA_256);
        int half = (hello.length - RECORD) / 2;
        byte[] first = Arrays.copyOf(hello, RECORD + half);
        first[3] = (byte) (half >> 8);
        first[4] = (byte) half;

        assertThat(read(first)).isEmpty();
    }

    @Test
    void otherMessagesAndNoKeysAreNone() {
        byte[] serverHello = hello(text("one"));
        serverHello[RECORD] = 2;
        assertThat(read(serverHello)).isEmpty();
        byte[] other = hello(text("one"));
        other[RECORD + 4 + 34 + 1 + 4 + 2 + 2 + 7 + 1] = 42; // extension 41
        assertThat(read(other)).isEmpty();
    }

    @Test
    void lengthsBeyondTheEndAreNone() {
        byte[] hello = hello(text("a key"));
        int extensions = RECORD + 4 + 34 + 1 + 4 + 2;
        List<Integer> lengths = new ArrayList<>(List.of(
                RECORD + 1, // handshake
                RECORD + 4 + 34, // session identifier
                RECORD + 4 + 35, // cipher suites
                extensions - 2, // compression methods
                extensions,
                extensions + 4, // of the first extension
                extensions + 11, // of the keys
                extensions + 13, // list
                extensions + 15)); // identity
        for (int at : lengths) {
            byte[] broken = hello.clone();
            broken[at] = (byte) 0xFF;
            assertThat(read(broken)).as("length at %s", at).isEmpty();
        }
    }

    @Test
    void aRecordIsKnownByItsHeader() {
        byte[] hello = hello(Keys.SHA_256);
        assertThat(ClientHelloIdentities.recordLength(Unpooled.wrappedBuffer(hello)))
                .isEqualTo(hello.length);
        assertThat(ClientHelloIdentities.recordLength(Unpooled.wrappedBuffer(hello, 0, 4)))
                .isEqualTo(ClientHelloIdentities.UNKNOWN);
        byte[][] headers = {
            {23, 3, 1, 0, 100}, {22, 2, 1, 0, 100}, {22, 3, 1, 0, 0}, {22, 3, 1, 0x40, 1}, {22, 3, 1, (byte) 0xFF, -1}
        };
        for (byte[] header : headers) {
            assertThat(ClientHelloIdentities.recordLength(Unpooled.wrappedBuffer(header)))
                    .isEqualTo(ClientHelloIdentities.NO_RECORD);
        }
        assertThat(ClientHelloIdentities.recordLength(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0x40, 0})))
                .isEqualTo(RECORD + (1 << 14));
    }
}
