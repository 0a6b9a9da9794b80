package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A handshake without a network. The first one of a program loads and checks providers of cryptography, which blocks for
 * most of a second; so it had better be this one.
 */
final class Rehearsal {

    private static final int MOST_ROUNDS = 8;

    private final RecordAssembler records = new RecordAssembler();

    private Rehearsal() {}

    /**
     * Runs it; blocks.
     *
     * @throws IllegalStateException if the handshake does not come about
     */
    static void run() {
        try (TlsPsk psk = TlsPsk.of("NVMe1R01 host subsystem digest", new byte[PskHash.SHA_256.length()])) {
            Engine client = Engine.client(new PskClient(List.of(psk)));
            Engine server = Engine.server(new PskServer(identity -> psk));
            new Rehearsal().shakeHands(client, server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void shakeHands(Engine client, Engine server) throws IOException {
        client.start();
        server.start();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            pass(client, server);
            pass(server, client);
            if (client.agreed() != null && server.agreed() != null) {
                client.wipe();
                server.wipe();
                return;
            }
        }
        throw new IllegalStateException("TLS does not work with the cryptography of this JVM");
    }

    private void pass(Engine from, Engine to) throws IOException {
        ByteBuf sent = Unpooled.buffer();
        from.drain(sent);
        while (sent.isReadable()) {
            int length = records.take(sent, to);
            to.offer(records.record(), length, (array, offset, count) -> {});
        }
    }
}
