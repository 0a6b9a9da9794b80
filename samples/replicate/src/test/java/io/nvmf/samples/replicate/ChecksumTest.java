package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {

    private static int of(byte[] bytes) {
        Checksum checksum = new Checksum();
        checksum.update(Unpooled.wrappedBuffer(bytes));
        return checksum.value();
    }

    @Test
    void isCrc32c() {
        assertThat(of("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE306_9283);
    }

    @Test
    void buffersOfSeveralPartsCountAsOneAndStayReadable() {
        ByteBuf joined = Unpooled.wrappedBuffer(new byte[] {'1', '2', '3'}, new byte[] {'4', '5', '6', '7', '8', '9'});
        Checksum checksum = new Checksum();

        checksum.update(joined);

        assertThat(checksum.value()).isEqualTo(0xE306_9283);
        assertThat(joined.readableBytes()).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 8, 9, 511, 512, 4096, 65_537, 99_999, 100_000})
    void twoRunsHaveTheChecksumOfBothTogether(int split) {
        byte[] bytes = new byte[100_000];
        new Random(split).nextBytes(bytes);

        int combined = Checksum.combine(
                of(Arrays.copyOf(bytes, split)),
                of(Arrays.copyOfRange(bytes, split, bytes.length)),
                bytes.length - split);

        assertThat(combined).isEqualTo(of(bytes));
    }

    /** What no test can compute directly: the second run has more than 4 GiB. */
    @Test
    void lengthsBeyond32BitsAddUp() {
        long piece = 3L << 30;
        int three = Checksum.combine(Checksum.combine(0x1234_5678, 0x9ABC_DEF0, piece), 0x0BAD_F00D, piece);

        assertThat(Checksum.combine(0x1234_5678, Checksum.combine(0x9ABC_DEF0, 0x0BAD_F00D, piece), 2 * piece))
                .isEqualTo(three);
    }
}
