package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.nvmf.security.TlsPsk;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Bytes that were a ClientHello until something happened to them: nothing is read from beyond, or from nowhere. */
class ClientHelloFuzzTest {

    private static final byte[][] HELLOS = {
        ClientHelloIdentitiesTest.hello(Keys.SHA_256),
        ClientHelloIdentitiesTest.hello(Keys.SHA_384, Keys.SHA_256, Keys.OLD_384, Keys.OLD_256),
        ClientHelloIdentitiesTest.hello(new byte[0], new byte[TlsPsk.MOST_IDENTITY_BYTES + 1], new byte[] {'a'})
    };

    static byte[] input(int seed) {
        Random random = new Random(seed);
        byte[] input = HELLOS[random.nextInt(HELLOS.length)].clone();
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(input.length);
            switch (random.nextInt(4)) {
                case 0 -> input[at] = (byte) random.nextInt();
                case 1 -> input[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> input[at] = (byte) (random.nextBoolean() ? 0xFF : 0);
                default -> input = Arrays.copyOf(input, 1 + at);
            }
        }
        return input;
    }

    @Test
    void damagedOnesAreReadAsFarAsTheyGo() {
        for (int seed = 0; seed < 50_000; seed++) {
            read(input(seed));
        }
    }

    static void read(byte[] input) {
        List<String> identities = ClientHelloIdentities.of(Unpooled.wrappedBuffer(input));
        String all = new String(input, StandardCharsets.ISO_8859_1);
        assertThat(identities)
                .hasSizeLessThanOrEqualTo(ClientHelloIdentities.MOST)
                .allSatisfy(identity -> {
                    byte[] bytes = identity.getBytes(StandardCharsets.UTF_8);
                    assertThat(bytes).hasSizeLessThanOrEqualTo(TlsPsk.MOST_IDENTITY_BYTES);
                    assertThat(all.contains(new String(bytes, StandardCharsets.ISO_8859_1)))
                            .isTrue();
                });
    }

    /** It waits for more, has an answer for what may have been right, or ends; and keeps nothing. */
    @Test
    void aServerOutlivesThem() {
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            byte[] input = input(seed);
            try (TlsEnd server = TlsEnd.front(true, identities -> Mono.just(Keys.psk(Keys.SHA_256.identity(), 1)))) {
                int cut = random.nextInt(input.length);
                server.deliver(input, 0, cut);
                server.deliver(input, cut, input.length);
                server.sent();
                assertThat(server.identity).isNull();
                assertThat(server.caught).isNull();
                assertThat(server.failure == null).isEqualTo(server.channel.isOpen());
            }
        }
    }
}
