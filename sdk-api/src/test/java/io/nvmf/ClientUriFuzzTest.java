package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** URIs that nobody means: refused with a reason, or understood. */
class ClientUriFuzzTest {

    private static final String VALID = "nvme+tcp://[::1]:4420/nqn.2014-08.org.nvmexpress.discovery"
            + "?host-nqn=nqn.2014-08.org.example:a&host-id=01234567-89ab-cdef-0123-456789abcdef&io-queues=2&queue-size=32"
            + "&sq-flow-control=false&keep-alive=PT10S&connect-timeout=500ms&command-timeout=2m&pending-commands=7&x=%20";
    private static final String TYPICAL = "%&=?#/:@[]+-.,0129mspPTDH \\\"\0\u00e9\uD83D\uFFFF";

    /** The valid one with a few characters changed, inserted or left out. */
    static byte[] input(int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(VALID);
        for (int left = random.nextInt(6); left > 0; left--) {
            int at = random.nextInt(text.length());
            String piece = random.nextInt(4) == 0
                    ? "9".repeat(random.nextInt(25))
                    : TYPICAL.substring(random.nextInt(TYPICAL.length()) / 2, TYPICAL.length())
                            .substring(0, 1 + random.nextInt(2));
            text.replace(at, Math.min(text.length(), at + random.nextInt(12)), piece);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void damagedUrisAreUnderstoodOrRefusedWithAReason() {
        for (int seed = 0; seed < 5000; seed++) {
            parse(new String(input(seed), StandardCharsets.UTF_8));
        }
    }

    static void parse(String text) {
        try {
            ClientUri.parse(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        } catch (RuntimeException e) {
            throw new AssertionError("'" + text + "'", e);
        }
    }
}
