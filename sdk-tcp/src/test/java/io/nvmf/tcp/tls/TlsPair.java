package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** Both sides, and what is between them. */
final class TlsPair implements AutoCloseable {

    final TlsEnd client;
    final TlsEnd server;

    TlsPair(TlsEnd client, TlsEnd server) {
        this.client = client;
        this.server = server;
    }

    static TlsPair open() {
        TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.server(Keys.SHA_256));
        pair.pass();
        assertThat(pair.client.identity).isNotNull();
        assertThat(pair.server.identity).isNotNull();
        return pair;
    }

    /** Passes everything on until nobody has anything to say. */
    void pass() {
        pass(Integer.MAX_VALUE);
    }

    /** As {@link #pass()}, in pieces of a size. */
    void pass(int piece) {
        pass(piece, piece);
    }

    /** As {@link #pass()}, in pieces of a size, the first of each flight of another. */
    void pass(int first, int piece) {
        byte[] up;
        byte[] down;
        do {
            up = client.sent();
            cut(server, up, first, piece);
            down = server.sent();
            cut(client, down, first, piece);
        } while (up.length + down.length > 0);
    }

    private static void cut(TlsEnd to, byte[] bytes, int first, int piece) {
        for (int at = 0; at < bytes.length; ) {
            int next = (int) Math.min(bytes.length, (long) at + (at == 0 ? first : piece));
            to.deliver(bytes, at, next);
            at = next;
        }
    }

    static byte[] pattern(int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 31 + (i >> 8));
        }
        return data;
    }

    static byte[] joined(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
