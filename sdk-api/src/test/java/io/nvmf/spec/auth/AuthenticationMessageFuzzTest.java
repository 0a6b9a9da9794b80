package io.nvmf.spec.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.testing.Covers;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages that nobody wrote on purpose: they are read, or refused; and what is read is written as it came. */
class AuthenticationMessageFuzzTest {

    /** Starts as messages do, and has small lengths, so that more than the first check is reached. */
    static byte[] input(int seed) {
        Random random = new Random(seed);
        byte[] input = new byte[random.nextInt(300)];
        random.nextBytes(input);
        int[] lengths = {0, 32, 48, 64, 255};
        byte[] start = {
            (byte) random.nextInt(2),
            (byte) (random.nextInt(8) == 0 ? 0xF0 + random.nextInt(2) : random.nextInt(6)),
            0,
            0,
            1,
            2,
            (byte) lengths[random.nextInt(lengths.length)],
            (byte) random.nextInt(4),
            (byte) random.nextInt(4),
            (byte) random.nextInt(7),
            (byte) random.nextInt(64),
            (byte) random.nextInt(2)
        };
        System.arraycopy(start, 0, input, 0, Math.min(start.length, input.length));
        return input;
    }

    @Test
    @Covers("Whatever the bytes are, they are read or refused, and the transaction ends")
    void randomBytesAreReadOrRefused() {
        for (int seed = 0; seed < 5_000; seed++) {
            decode(input(seed));
        }
    }

    static void decode(byte[] input) {
        ByteBuf buffer = Unpooled.wrappedBuffer(input);
        AuthenticationMessage message;
        try {
            message = AuthenticationMessage.decodePadded(buffer, 0, input.length);
        } catch (SpecificationViolationException refused) {
            assertThat(refused).hasMessageNotContaining("null");
            return;
        }
        assertThat(message.length()).isBetween(AuthenticationMessage.HEADER_LENGTH, input.length);
        ByteBuf again = Unpooled.buffer(message.length()).writeZero(message.length());
        message.encode(again, 0);
        assertThat(AuthenticationMessage.decode(again, 0, message.length())).isEqualTo(message);
    }
}
