package io.nvmf.security.dhchap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nvmf.security.DhChapSecret;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import io.nvmf.testing.Covers;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Known answers. Those without another source were computed with Python's hashlib, hmac and pow from the formulas of the
 * specification.
 */
class DhChapTest {
    private static final String HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM_NQN = "nqn.2016-06.io.spdk:cnode1";
    private static final BigInteger HOST_EXPONENT =
            new BigInteger("01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da", 16);
    private static final BigInteger CONTROLLER_EXPONENT =
            new BigInteger("03080d12171c21262b30353a3f44494e53585d62676c71767b80858a8f94999e", 16);
    private static final DhChap MATH = new DhChap(DhChapHash.SHA_256, 0x1234, 0, HOST_NQN, SUBSYSTEM_NQN);

    static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String sha256(Octets value) throws Exception {
        return hex(MessageDigest.getInstance("SHA-256").digest(value.toByteArray()));
    }

    private static byte[] key(int first, String nqn) {
        return DhChapSecret.of(counting(first, 32), Optional.of(DhChapHash.SHA_256))
                .transformed(nqn);
    }

    /** SHA-256 of the primes that RFC 7919 prints. */
    @ParameterizedTest
    @CsvSource({
        "FFDHE2048, 9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966",
        "FFDHE3072, 0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17",
        "FFDHE4096, 4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e",
        "FFDHE6144, 227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7",
        "FFDHE8192, 770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"
    })
    @Covers("The groups are those of RFC 7919, and leading zeroes of what is shared count")
    void primesAreThoseOfTheStandard(DhGroup group, String digest) throws Exception {
        byte[] bytes = FfdhePrimes.of(group).toByteArray();
        assertThat(bytes).hasSize(group.length() + 1);
        assertThat(sha256(Octets.of(Arrays.copyOfRange(bytes, 1, bytes.length))))
                .isEqualTo(digest);
    }

    @Test
    @Covers("Responses are computed over challenge, sequence number, transaction and both names")
    void responseWithoutExchange() {
        assertThat(hex(MATH.hostResponse(key(0, HOST_NQN), null, Octets.of(counting(0, 32)), 1)))
                .isEqualTo("26c1d1834f94414fce626f160e2d7006fea54d3d6304359f540febe0b85a87f6");
    }

    @Test
    @Covers("Responses are computed over challenge, sequence number, transaction and both names")
    void wholeExchangeWithFixedExponents() throws Exception {
        DhKeyPair host = DhKeyPair.of(DhGroup.FFDHE2048, HOST_EXPONENT);
        DhKeyPair controller = DhKeyPair.of(DhGroup.FFDHE2048, CONTROLLER_EXPONENT);
        assertThat(sha256(host.publicValue()))
                .isEqualTo("8b86d040edb2357dffadef05bd33eb7edb94f2d13b09bb155e5a12905eb3396e");
        assertThat(sha256(controller.publicValue()))
                .isEqualTo("fd9de107031b9e5c02e5a997ee92461cf894aea68b7bfaf8bfcd1fbafdc8596d");
        byte[] session = host.sessionKey(DhChapHash.SHA_256, controller.publicValue());
        assertThat(hex(session)).isEqualTo("6dce4c31009d5a5896b8ac43e421deb31cfb2f3e4665f5a802171097a06f178c");
        assertThat(controller.sessionKey(DhChapHash.SHA_256, host.publicValue()))
                .isEqualTo(session);
        Octets c1 = Octets.of(counting(0, 32));
        Octets c2 = Octets.of(counting(0x40, 32));
        assertThat(hex(MATH.augmented(session, c1)))
                .isEqualTo("baa5e37cd460c284922a2ac26898ee0f76e960144ea7fc96fed4dbd83df6fcbc");
        assertThat(hex(MATH.augmented(session, c2)))
                .isEqualTo("d43d2d10735018851ddb3d9b46d73e67cfd6304bf7feafba7cb5203e1f3545e4");
        assertThat(hex(MATH.hostResponse(key(0, HOST_NQN), session, c1, 0x11223344)))
                .isEqualTo("4edd70f4660dde14fd87c7fd9cd7788cc2fdbe82575e40852ce86b552bec93ca");
        assertThat(hex(MATH.controllerResponse(key(0x20, SUBSYSTEM_NQN), session, c2, 0x55667788)))
                .isEqualTo("4415a368aab1f50f73eef58d1725a4f6e9c9f91ece1a3d9b128ba767b0a46af8");
        assertThat(hex(MATH.generatedPsk(session, c1, c2)))
                .isEqualTo("adc618b68127935c3e70ef22acbc7ade733df00b09988fd4c30c708f212fcd04");
    }

    /** The vectors of the Linux kernel's own test of nvme_auth_generate_psk. */
    @ParameterizedTest
    @CsvSource({
        "SHA_256, 1733c59fa7f48fcf37f5f26fc4ff0268ad4f78e030f4f3b0bfd1d47e7bb1447a",
        "SHA_384, f14b2dd3234c459694d3bc63f8968bd6b37c2c6de849e22e118749001ce4bbe8"
                + "640b9e3a748cb11ce4b1d71d359cce39",
        "SHA_512, 9c9f089a618b47d2d75f4b6c28070424487b445dd96e70c4c09b55e8b6000152"
                + "a3363c3454043f38f0b85036ded40655350aa87b8b6a282b5c1acae16233dd5b"
    })
    @Covers("Both sides generate the same PSK of the exchange and the challenges")
    void generatedKeysAreThoseOfTheKernel(DhChapHash hash, String psk) {
        byte[] c2 = counting(0, hash.length());
        for (int i = 0; i < c2.length; i++) {
            c2[i] = (byte) (0xFF - i);
        }
        DhChap math = new DhChap(hash, 1, 2, "hostnqn", "subsysnqn");
        assertThat(hex(math.generatedPsk(
                        counting('A', hash.length()), Octets.of(counting(0, hash.length())), Octets.of(c2))))
                .isEqualTo(psk);
    }

    @ParameterizedTest
    @EnumSource(value = DhGroup.class, names = "NULL", mode = EnumSource.Mode.EXCLUDE)
    void bothSidesHaveTheSameSessionKey(DhGroup group) throws Exception {
        DhKeyPair one = DhKeyPair.generate(group);
        DhKeyPair other = DhKeyPair.generate(group);
        assertThat(one.publicValue().length()).isEqualTo(group.length());
        assertThat(one.publicValue()).isNotEqualTo(other.publicValue());
        assertThat(one.sessionKey(DhChapHash.SHA_384, other.publicValue()))
                .isEqualTo(other.sessionKey(DhChapHash.SHA_384, one.publicValue()))
                .hasSize(48);
    }

    /** Exponent 2 and public value 2 make 4, a shared secret that is nearly all leading zeroes. */
    @Test
    @Covers("The groups are those of RFC 7919, and leading zeroes of what is shared count")
    void leadingZeroesOfTheSharedSecretCount() throws Exception {
        byte[] four = new byte[256];
        four[255] = 4;
        byte[] two = new byte[256];
        two[255] = 2;
        DhKeyPair pair = DhKeyPair.of(DhGroup.FFDHE2048, BigInteger.TWO);
        assertThat(pair.publicValue()).isEqualTo(Octets.of(four));
        assertThat(pair.sessionKey(DhChapHash.SHA_256, Octets.of(two)))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(four));
    }

    @Test
    @Covers("Public values that are out of range are refused")
    void publicValuesOutOfRangeAreRefused() throws Exception {
        BigInteger modulus = FfdhePrimes.of(DhGroup.FFDHE2048);
        DhKeyPair pair = DhKeyPair.of(DhGroup.FFDHE2048, HOST_EXPONENT);
        for (BigInteger value : new BigInteger[] {
            BigInteger.ZERO,
            BigInteger.ONE,
            modulus.subtract(BigInteger.ONE),
            modulus,
            modulus.add(BigInteger.ONE),
            BigInteger.ONE.shiftLeft(2048).subtract(BigInteger.ONE)
        }) {
            refused(pair, bytes(value, 256), "none of 2..p-2");
        }
        refused(pair, Octets.empty(), "has 0 bytes");
        refused(pair, bytes(BigInteger.TEN, 255), "has 255 bytes");
        refused(pair, bytes(BigInteger.TEN, 257), "has 257 bytes");
        assertThat(pair.sessionKey(DhChapHash.SHA_256, bytes(modulus.subtract(BigInteger.TWO), 256)))
                .hasSize(32);
    }

    /** By us: providers of the platform look at values too, but differ in what they refuse. */
    private static void refused(DhKeyPair pair, Octets value, String detail) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> pair.sessionKey(DhChapHash.SHA_256, value))
                .withMessageContaining(detail)
                .satisfies(refusal -> assertThat(refusal.failure()).isEqualTo(AuthenticationFailure.INCORRECT_PAYLOAD));
    }

    private static Octets bytes(BigInteger value, int length) {
        byte[] digits = value.toByteArray();
        byte[] bytes = new byte[length];
        for (int i = 0; i < Math.min(length, digits.length); i++) {
            bytes[length - 1 - i] = digits[digits.length - 1 - i];
        }
        return Octets.of(bytes);
    }

    @Test
    @Covers("Sequence numbers are not 0, and challenges are not repeated")
    void sequenceNumbersAreNeverZero() {
        Freshness freshness = new Freshness(-2);
        assertThat(freshness.sequenceNumber()).isEqualTo(0xFFFF_FFFFL);
        assertThat(freshness.sequenceNumber()).isEqualTo(1);
        assertThat(freshness.sequenceNumber()).isEqualTo(2);
    }

    @Test
    @Covers("Sequence numbers are not 0, and challenges are not repeated")
    void challengesAreRememberedForAWhile() {
        Freshness freshness = new Freshness();
        Octets first = freshness.challenge(32);
        for (int i = 1; i < Freshness.REMEMBERED; i++) {
            assertThat(freshness.challenge(32)).isNotEqualTo(first);
        }
        assertThat(freshness.isOurs(first)).isTrue();
        freshness.challenge(32);
        assertThat(freshness.isOurs(first)).isFalse();
        assertThat(freshness.isOurs(Octets.zeroes(32))).isFalse();
    }
}
