package io.nvmf.security.dhchap;

import io.nvmf.spec.auth.DhGroup;
import java.math.BigInteger;

/** The moduli of RFC 7919, made from the formula that defines them: their digits are those of e, so nobody chose them. */
final class FfdhePrimes {
    /** Beyond the digits that count, so that what the sum of e leaves out changes none of them. */
    private static final int GUARD = 64;

    private static final int SCALE = DhGroup.FFDHE8192.length() * Byte.SIZE + GUARD;
    private static final BigInteger E = e();

    private static final BigInteger P2048 = prime(2048, 560316);
    private static final BigInteger P3072 = prime(3072, 2625351);
    private static final BigInteger P4096 = prime(4096, 5736041);
    private static final BigInteger P6144 = prime(6144, 15705020);
    private static final BigInteger P8192 = prime(8192, 10965728);

    private FfdhePrimes() {}

    static BigInteger of(DhGroup group) {
        return switch (group) {
            case NULL -> throw new IllegalArgumentException("the NULL group has no modulus");
            case FFDHE2048 -> P2048;
            case FFDHE3072 -> P3072;
            case FFDHE4096 -> P4096;
            case FFDHE6144 -> P6144;
            case FFDHE8192 -> P8192;
        };
    }

    /** 2^n - 2^(n-64) + (floor(2^(n-130) e) + k) 2^64 - 1. */
    private static BigInteger prime(int bits, long k) {
        return power(bits)
                .subtract(power(bits - 64))
                .add(E.shiftRight(SCALE - (bits - 130))
                        .add(BigInteger.valueOf(k))
                        .shiftLeft(64))
                .subtract(BigInteger.ONE);
    }

    private static BigInteger e() {
        BigInteger sum = BigInteger.ZERO;
        BigInteger term = power(SCALE);
        for (long i = 1; term.signum() > 0; i++) {
            sum = sum.add(term);
            term = term.divide(BigInteger.valueOf(i));
        }
        return sum;
    }

    private static BigInteger power(int exponent) {
        return BigInteger.ONE.shiftLeft(exponent);
    }
}
