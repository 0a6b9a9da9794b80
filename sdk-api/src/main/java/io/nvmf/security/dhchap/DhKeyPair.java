package io.nvmf.security.dhchap;

import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import javax.crypto.interfaces.DHPublicKey;
import javax.crypto.spec.DHParameterSpec;
import javax.crypto.spec.DHPrivateKeySpec;
import javax.crypto.spec.DHPublicKeySpec;

/** One side's half of a Diffie-Hellman exchange, made for one transaction. */
final class DhKeyPair {
    private static final String ALGORITHM = "DiffieHellman";

    private final DhGroup group;
    private final PrivateKey privateKey;
    private final Octets publicValue;

    private DhKeyPair(DhGroup group, PrivateKey privateKey, BigInteger publicValue) {
        this.group = group;
        this.privateKey = privateKey;
        this.publicValue = Octets.of(padded(publicValue, group.length()));
    }

    static DhKeyPair generate(DhGroup group) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(parameters(group));
            KeyPair pair = generator.generateKeyPair();
            return new DhKeyPair(group, pair.getPrivate(), ((DHPublicKey) pair.getPublic()).getY());
        } catch (GeneralSecurityException e) {
            throw unavailable(group, e);
        }
    }

    /** The pair of a given exponent. */
    static DhKeyPair of(DhGroup group, BigInteger exponent) {
        BigInteger modulus = FfdhePrimes.of(group);
        try {
            PrivateKey key = KeyFactory.getInstance(ALGORITHM)
                    .generatePrivate(new DHPrivateKeySpec(exponent, modulus, BigInteger.TWO));
            return new DhKeyPair(group, key, BigInteger.TWO.modPow(exponent, modulus));
        } catch (GeneralSecurityException e) {
            throw unavailable(group, e);
        }
    }

    /**
     * Exponents of twice the strength that RFC 7919 gives the group, rounded up: as safe as long ones, and many times
     * as fast.
     */
    private static DHParameterSpec parameters(DhGroup group) {
        int exponentBits = switch (group) {
            case NULL -> throw new IllegalArgumentException("the NULL group has no keys");
            case FFDHE2048 -> 256;
            case FFDHE3072 -> 288;
            case FFDHE4096 -> 352;
            case FFDHE6144 -> 384;
            case FFDHE8192 -> 416;
        };
        return new DHParameterSpec(FfdhePrimes.of(group), BigInteger.TWO, exponentBits);
    }

    private static IllegalStateException unavailable(DhGroup group, GeneralSecurityException cause) {
        return new IllegalStateException("no provider of this Java platform has " + group, cause);
    }

    /** {@return the value for the other side, as long as the modulus} */
    Octets publicValue() {
        return publicValue;
    }

    /**
     * The session key Ks, the digest of the shared secret.
     *
     * @throws Refusal if the other side's value has another length than the modulus or is none of 2..p-2. The moduli
     *     are safe primes, so that leaves no small subgroup.
     */
    byte[] sessionKey(DhChapHash hash, Octets peer) throws Refusal {
        Refusal.unless(
                peer.length() == group.length(),
                AuthenticationFailure.INCORRECT_PAYLOAD,
                "the public value has " + peer.length() + " bytes, " + group + " has " + group.length());
        BigInteger modulus = FfdhePrimes.of(group);
        BigInteger value = new BigInteger(1, peer.toByteArray());
        Refusal.unless(
                value.compareTo(BigInteger.ONE) > 0 && value.compareTo(modulus.subtract(BigInteger.ONE)) < 0,
                AuthenticationFailure.INCORRECT_PAYLOAD,
                "the public value is none of 2..p-2");
        try {
            KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
            agreement.init(privateKey);
            agreement.doPhase(
                    KeyFactory.getInstance(ALGORITHM)
                            .generatePublic(new DHPublicKeySpec(value, modulus, BigInteger.TWO)),
                    true);
            byte[] secret = agreement.generateSecret();
            byte[] padded = padded(secret, group.length());
            try {
                return MessageDigest.getInstance(hash.digestAlgorithm()).digest(padded);
            } finally {
                Arrays.fill(secret, (byte) 0);
                Arrays.fill(padded, (byte) 0);
            }
        } catch (InvalidKeyException e) {
            throw new Refusal(AuthenticationFailure.INCORRECT_PAYLOAD, "the public value is not accepted");
        } catch (GeneralSecurityException e) {
            throw unavailable(group, e);
        }
    }

    private static byte[] padded(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        // A sign of its own comes before a value that fills the modulus.
        return bytes.length > length
                ? Arrays.copyOfRange(bytes, bytes.length - length, bytes.length)
                : padded(bytes, length);
    }

    /** Providers differ in whether leading zeroes stay. */
    private static byte[] padded(byte[] bytes, int length) {
        byte[] padded = new byte[length];
        System.arraycopy(bytes, 0, padded, length - bytes.length, bytes.length);
        return padded;
    }
}
