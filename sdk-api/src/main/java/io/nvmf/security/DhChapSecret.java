package io.nvmf.security;

import io.nvmf.security.mac.Hmac;
import io.nvmf.spec.auth.DhChapHash;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * A secret for DH-HMAC-CHAP, as hosts and controllers exchange it in the form {@code DHHC-1:hh:base64:} (NVMe Base
 * Specification, "DH-HMAC-CHAP secret representation").
 *
 * <p>Safe for use by several threads. Whoever made it closes it, which overwrites the secret; it is of no use then.
 * Neither {@link #toString} nor an exception shows any of it.
 */
public final class DhChapSecret implements AutoCloseable, Destroyable {
    private static final String PREFIX = "DHHC-1:";
    private static final int CRC_LENGTH = Integer.BYTES;
    private static final byte[] SUFFIX = "NVMe-over-Fabrics".getBytes(StandardCharsets.US_ASCII);

    private final byte[] secret;
    private final @Nullable DhChapHash transformation;
    private boolean destroyed;

    private DhChapSecret(byte[] secret, @Nullable DhChapHash transformation) {
        this.secret = secret;
        this.transformation = transformation;
    }

    /**
     * Makes a new random secret.
     *
     * @param transformation hash function of the transformation, which also says how many bytes the secret has
     * @return the secret
     */
    public static DhChapSecret random(DhChapHash transformation) {
        byte[] secret = new byte[transformation.length()];
        new SecureRandom().nextBytes(secret);
        return new DhChapSecret(secret, transformation);
    }

    /**
     * Takes a copy of a secret.
     *
     * @param secret 32, 48 or 64 bytes; stays the caller's, who should overwrite it
     * @param transformation hash function of the transformation, empty for a secret that is used as it is
     * @return the secret
     * @throws IllegalArgumentException if it has another length
     */
    public static DhChapSecret of(byte[] secret, Optional<DhChapHash> transformation) {
        requireLength(secret.length);
        return new DhChapSecret(secret.clone(), transformation.orElse(null));
    }

    /**
     * Reads the form in which secrets are exchanged. A {@code String} stays in memory until it is collected;
     * {@link #parse(char[])} lets the caller overwrite the text.
     *
     * @param text {@code DHHC-1:hh:base64:}
     * @return the secret
     * @throws IllegalArgumentException if it has another form, length or check sum; the message shows nothing of it
     */
    public static DhChapSecret parse(String text) {
        char[] chars = text.toCharArray();
        try {
            return parse(chars);
        } finally {
            Arrays.fill(chars, '\0');
        }
    }

    /**
     * Reads the form in which secrets are exchanged.
     *
     * @param text {@code DHHC-1:hh:base64:}; stays the caller's, who should overwrite it
     * @return the secret
     * @throws IllegalArgumentException if it has another form, length or check sum; the message shows nothing of it
     */
    public static DhChapSecret parse(char[] text) {
        int body = PREFIX.length() + 3;
        if (text.length <= body
                || !PREFIX.contentEquals(CharBuffer.wrap(text, 0, PREFIX.length()))
                || text[body - 1] != ':'
                || text[text.length - 1] != ':') {
            throw new IllegalArgumentException("the secret has not the form DHHC-1:hh:base64:");
        }
        int hash = Character.digit(text[body - 2], 10);
        if (text[body - 3] != '0' || hash < 0 || hash > 3) {
            throw new IllegalArgumentException("the secret names a hash function that is none of 00, 01, 02 and 03");
        }
        byte[] decoded = decode(text, body, text.length - 1 - body);
        byte[] secret = new byte[0];
        try {
            secret = Arrays.copyOf(decoded, requireLength(decoded.length - CRC_LENGTH));
            byte[] crc = Arrays.copyOfRange(decoded, secret.length, decoded.length);
            if (!MessageDigest.isEqual(crc, crc(secret))) {
                Arrays.fill(secret, (byte) 0);
                throw new IllegalArgumentException("the check sum of the secret is wrong");
            }
            return new DhChapSecret(secret, DhChapHash.find(hash).orElse(null));
        } finally {
            Arrays.fill(decoded, (byte) 0);
        }
    }

    private static byte[] decode(char[] text, int start, int length) {
        byte[] encoded = new byte[length];
        for (int i = 0; i < length; i++) {
            char digit = text[start + i];
            encoded[i] = digit < 0x80 ? (byte) digit : (byte) '?';
        }
        try {
            return Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            // Not its cause: that shows a character of the secret.
            throw new IllegalArgumentException("the secret is not in base 64");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static int requireLength(int length) {
        if (length != 32 && length != 48 && length != 64) {
            throw new IllegalArgumentException("the secret has " + length + " bytes, it has to have 32, 48 or 64");
        }
        return length;
    }

    private static byte[] crc(byte[] secret) {
        CRC32 crc = new CRC32();
        crc.update(secret);
        return ByteBuffer.allocate(CRC_LENGTH)
                .putInt(Integer.reverseBytes((int) crc.getValue()))
                .array();
    }

    /** {@return the hash function of the transformation, empty for a secret that is used as it is} */
    public Optional<DhChapHash> transformation() {
        return Optional.ofNullable(transformation);
    }

    /**
     * Writes the form in which secrets are exchanged.
     *
     * @return {@code DHHC-1:hh:base64:}; belongs to the caller, who should overwrite it
     * @throws IllegalStateException if the secret is destroyed
     */
    public synchronized char[] format() {
        requireIntact();
        byte[] checked = Arrays.copyOf(secret, secret.length + CRC_LENGTH);
        System.arraycopy(crc(secret), 0, checked, secret.length, CRC_LENGTH);
        byte[] encoded = Base64.getEncoder().encode(checked);
        Arrays.fill(checked, (byte) 0);
        char[] text = new char[PREFIX.length() + 3 + encoded.length + 1];
        PREFIX.getChars(0, PREFIX.length(), text, 0);
        int at = PREFIX.length();
        text[at++] = '0';
        text[at++] = Character.forDigit(transformation == null ? 0 : transformation.value(), 10);
        text[at++] = ':';
        for (byte digit : encoded) {
            text[at++] = (char) digit;
        }
        text[at] = ':';
        Arrays.fill(encoded, (byte) 0);
        return text;
    }

    /**
     * The key that responses are computed with.
     *
     * @param nqn name of whoever the secret belongs to: of the host for a host's, of the subsystem for a controller's
     * @return the transformed secret; belongs to the caller, who has to overwrite it
     * @throws IllegalStateException if the secret is destroyed
     */
    public synchronized byte[] transformed(String nqn) {
        requireIntact();
        return transformation == null
                ? secret.clone()
                : Hmac.of(transformation.macAlgorithm(), secret, nqn.getBytes(StandardCharsets.UTF_8), SUFFIX);
    }

    private void requireIntact() {
        if (destroyed) {
            throw new IllegalStateException("the secret is destroyed");
        }
    }

    /** Overwrites the secret; as often as one likes. */
    @Override
    public synchronized void destroy() {
        destroyed = true;
        Arrays.fill(secret, (byte) 0);
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    /** Does what {@link #destroy} does. */
    @Override
    public void close() {
        destroy();
    }

    @Override
    public String toString() {
        return "DH-HMAC-CHAP secret";
    }
}
