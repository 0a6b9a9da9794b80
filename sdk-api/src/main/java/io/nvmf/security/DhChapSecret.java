package io.nvmf.security;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.mac.Hmac;
import io.nvmf.spec.auth.DhChapHash;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A secret for DH-HMAC-CHAP, as hosts and controllers exchange it in the form {@code DHHC-1:hh:base64:} (NVMe Base
 * Specification, "DH-HMAC-CHAP secret representation").
 *
 * <p>Safe for use by several threads. Whoever made it closes it, which overwrites the secret; it is of no use then.
 * Neither {@link #toString} nor an exception shows any of it.
 */
public final class DhChapSecret implements AutoCloseable, Destroyable {
    private static final String PREFIX = "DHHC-1:";
    private static final byte[] SUFFIX = "NVMe-over-Fabrics".getBytes(StandardCharsets.US_ASCII);

    private final SecretBytes secret;
    private final @Nullable DhChapHash transformation;

    private DhChapSecret(byte[] secret, @Nullable DhChapHash transformation) {
        this.secret = new SecretBytes(secret);
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
        CharSequence whole = CharBuffer.wrap(text);
        if (!SecretText.hasForm(PREFIX, whole)) {
            throw new IllegalArgumentException("the secret has not the form DHHC-1:hh:base64:");
        }
        int hash = SecretText.hash(PREFIX, whole);
        if (hash < 0 || hash > 3) {
            throw new IllegalArgumentException("the secret names a hash function that is none of 00, 01, 02 and 03");
        }
        byte[] decoded = decode(SecretText.encoded(PREFIX, whole));
        try {
            int length = requireLength(decoded.length - SecretText.CRC_LENGTH);
            if (!SecretText.isChecked(decoded)) {
                throw new IllegalArgumentException("the check sum of the secret is wrong");
            }
            return new DhChapSecret(
                    Arrays.copyOf(decoded, length), DhChapHash.find(hash).orElse(null));
        } finally {
            Arrays.fill(decoded, (byte) 0);
        }
    }

    /**
     * Asks a provider for a secret.
     *
     * @param provider where it comes from
     * @param request which one
     * @return the secret, which belongs to the subscriber, who closes it; empty if there is none; an {@link
     *     IllegalArgumentException} that names the provider if its text is no secret
     */
    public static Mono<DhChapSecret> from(KeyProvider provider, KeyRequest request) {
        return KeyText.read(provider, request, DhChapSecret::parse);
    }

    private static byte[] decode(byte[] encoded) {
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
    public char[] format() {
        int hash = transformation == null ? 0 : transformation.value();
        return secret.with(bytes -> SecretText.write(PREFIX, hash, bytes));
    }

    /**
     * The key that responses are computed with.
     *
     * @param nqn name of whoever the secret belongs to: of the host for a host's, of the subsystem for a controller's
     * @return the transformed secret; belongs to the caller, who has to overwrite it
     * @throws IllegalStateException if the secret is destroyed
     */
    public byte[] transformed(String nqn) {
        DhChapHash hash = transformation;
        return hash == null
                ? secret.copy()
                : secret.with(
                        bytes -> Hmac.of(hash.macAlgorithm(), bytes, nqn.getBytes(StandardCharsets.UTF_8), SUFFIX));
    }

    /** Overwrites the secret; as often as one likes. */
    @Override
    public void destroy() {
        secret.wipe();
    }

    @Override
    public boolean isDestroyed() {
        return secret.isWiped();
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
