package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Connections on whose way something happens to the bytes: one is changed, some are missing, there twice or added, of the
 * handshake or of the data. Whatever comes, each side hears once how the handshake ended, gets nothing but the beginning of
 * what the other has sent, and is closed if something is wrong. Seeded: every run tries the same.
 */
class TlsStreamFuzzTest {

    private static final int ROUNDS = 400;
    private static final byte[] DATA = TlsPair.pattern(40_000);

    @Test
    void nobodyGetsWhatWasNotSent() {
        int shaken = 0;
        int cut = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            TlsEnd client = TlsEnd.client(Keys.SHA_384, Keys.SHA_256);
            TlsEnd server = TlsEnd.server(Keys.SHA_256);
            try (TlsPair pair = new TlsPair(client, server)) {
                client.write(DATA);
                server.write(DATA);
                client.channel.flush();
                server.channel.flush();
                exchange(pair, random);
                if (client.identity != null && server.identity != null) {
                    shaken++;
                }
                cut += assertBeginning(client, seed) + assertBeginning(server, seed);
            }
            assertEnded(client, seed);
            assertEnded(server, seed);
        }
        // What is tried reaches handshakes and data.
        assertThat(shaken).isBetween(ROUNDS / 10, 9 * ROUNDS / 10);
        assertThat(cut).isBetween(ROUNDS / 10, 19 * ROUNDS / 10);
    }

    private static void exchange(TlsPair pair, Random random) {
        int damagedFlight = random.nextInt(6);
        byte[] bytes;
        int idle = 0;
        for (int flight = 0; idle < 2; flight++) {
            TlsEnd from = flight % 2 == 0 ? pair.client : pair.server;
            TlsEnd to = flight % 2 == 0 ? pair.server : pair.client;
            bytes = from.sent();
            idle = bytes.length == 0 ? idle + 1 : 0;
            to.deliver(flight == damagedFlight ? damaged(bytes, random) : bytes);
        }
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
        byte[] before = Arrays.copyOf(bytes, at);
        byte[] piece = Arrays.copyOfRange(bytes, at, at + length);
        byte[] behind = Arrays.copyOfRange(bytes, at + length, bytes.length);
        return switch (random.nextInt(6)) {
            case 0 -> flipped(bytes, at, random);
            // Where headers of records and messages are.
            case 1 -> flipped(bytes, random.nextInt(Math.min(bytes.length, 12)), random);
            case 2 -> TlsPair.joined(before, behind);
            case 3 -> TlsPair.joined(before, piece, piece, behind);
            case 4 -> before;
            default -> {
                random.nextBytes(piece);
                yield TlsPair.joined(before, piece, behind);
            }
        };
    }

    private static byte[] flipped(byte[] bytes, int at, Random random) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    /** One if it did not get all. */
    private static int assertBeginning(TlsEnd end, long seed) {
        if (end.failure != null || end.caught != null) {
            assertThat(end.channel.isOpen()).as("seed %d", seed).isFalse();
        }
        byte[] received = end.received();
        assertThat(received).as("seed %d", seed).isEqualTo(Arrays.copyOf(DATA, received.length));
        return received.length < DATA.length ? 1 : 0;
    }

    private static void assertEnded(TlsEnd end, long seed) {
        assertThat(end.heard).as("seed %d", seed).isOne();
        assertThat(end.identity == null).as("seed %d", seed).isEqualTo(end.failure != null);
    }
}
