package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C of bytes that pass by, and of two runs of bytes whose CRCs are known. Not thread safe. */
final class Checksum {

    /** The polynomial 1EDC6F41h with its bits reversed, as the CRC has them: the highest bit is the constant term. */
    private static final int POLYNOMIAL = 0x82F6_3B78;

    private static final int ONE = 1 << 31;
    private static final int X_TO_THE_8TH = 1 << 23;

    private final CRC32C crc = new CRC32C();

    /** Adds the readable bytes, which stay readable. */
    void update(ByteBuf buffer) {
        for (ByteBuffer bytes : buffer.nioBuffers()) {
            crc.update(bytes);
        }
    }

    /** {@return the CRC of everything so far; 0 for nothing} */
    int value() {
        return (int) crc.getValue();
    }

    /**
     * CRC of two runs of bytes, one behind the other. A CRC is the remainder of a division of polynomials, so that of
     * the first run only has to be moved by the length of the second one.
     *
     * @param first CRC of the first run
     * @param second CRC of the second run
     * @param length bytes of the second run
     */
    static int combine(int first, int second, long length) {
        int shift = ONE;
        int square = X_TO_THE_8TH;
        for (long rest = length; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) {
                shift = multiply(shift, square);
            }
            square = multiply(square, square);
        }
        return multiply(first, shift) ^ second;
    }

    /** Product of two remainders. */
    private static int multiply(int left, int right) {
        int product = 0;
        int shifted = right;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((left & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) == 0 ? shifted >>> 1 : shifted >>> 1 ^ POLYNOMIAL;
        }
        return product;
    }
}
