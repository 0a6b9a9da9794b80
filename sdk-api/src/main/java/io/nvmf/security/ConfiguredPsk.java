package io.nvmf.security;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import java.nio.CharBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * A pre-shared key as administrators configure it on both sides, with its PSK interchange format
 * {@code NVMeTLSkey-1:<hash>:<key and CRC-32 in Base64>:} (NVMe/TCP Transport Specification 1.1, "PSK interchange
 * format"). From it the keys of TLS are derived for each host and subsystem.
 *
 * <p>{@link #close()} wipes it. Copies of it, and the text it came from, are the caller's to wipe. Thread safe.
 */
public final class ConfiguredPsk implements AutoCloseable {

    /** What every key in interchange format starts with. */
    public static final String PREFIX = "NVMeTLSkey-1:";

    private final SecretBytes key;
    private final PskHash hash;
    private final boolean retainedAsIs;

    private ConfiguredPsk(byte[] key, boolean retainedAsIs) {
        this.hash = PskHash.ofLength(key.length);
        this.key = new SecretBytes(key);
        this.retainedAsIs = retainedAsIs;
    }

    /**
     * A key of known bytes.
     *
     * @param hash transforms the key into the retained PSK
     * @param key copied; as many bytes as the hash has
     * @return the key
     * @throws IllegalArgumentException if the key has another length
     */
    public static ConfiguredPsk of(PskHash hash, byte[] key) {
        if (key.length != hash.length()) {
            throw new IllegalArgumentException(
                    "a key for " + hash + " has " + hash.length() + " bytes, not " + key.length);
        }
        return new ConfiguredPsk(key.clone(), false);
    }

    /**
     * A key of known bytes that is retained without a transformation, which the format writes as hash 00. The same key
     * then serves every host that has it.
     *
     * @param key copied; 32 or 48 bytes, which goes with SHA-256 or SHA-384
     * @return the key
     * @throws IllegalArgumentException if the key has another length
     */
    public static ConfiguredPsk untransformed(byte[] key) {
        PskHash.ofLength(key.length);
        return new ConfiguredPsk(key.clone(), true);
    }

    /**
     * A new key from the platform's generator of random numbers.
     *
     * @param hash transforms the key into the retained PSK
     * @return the key
     */
    public static ConfiguredPsk generate(PskHash hash) {
        byte[] key = new byte[hash.length()];
        new SecureRandom().nextBytes(key);
        return new ConfiguredPsk(key, false);
    }

    /**
     * Reads the interchange format.
     *
     * @param text all of it and nothing else, without white space
     * @return the key
     * @throws IllegalArgumentException if it is not in the format, has an unknown hash, a length that does not go with
     *     it, or a CRC that is not that of the key; the message says nothing of the key
     */
    public static ConfiguredPsk parse(CharSequence text) {
        if (!SecretText.hasForm(PREFIX, text)) {
            throw new IllegalArgumentException("a key has the form " + PREFIX + "<hash>:<Base64>:");
        }
        Optional<PskHash> hash = hash(SecretText.hash(PREFIX, text));
        byte[] decoded = decode(text);
        try {
            int length = decoded.length - SecretText.CRC_LENGTH;
            if (hash.isPresent() && length != hash.get().length()) {
                throw new IllegalArgumentException("a key for " + hash.get() + " has "
                        + hash.get().length() + " bytes and its CRC-32, not " + decoded.length + " together");
            }
            if (!SecretText.isChecked(decoded)) {
                throw new IllegalArgumentException("the CRC-32 is not that of the key");
            }
            return new ConfiguredPsk(Arrays.copyOf(decoded, length), hash.isEmpty());
        } finally {
            Arrays.fill(decoded, (byte) 0);
        }
    }

    /**
     * Asks a provider for a key.
     *
     * @param provider where it comes from
     * @param request which one
     * @return the key, which belongs to the subscriber, who closes it; empty if there is none; an {@link
     *     IllegalArgumentException} that names the provider if its text is no key
     */
    public static Mono<ConfiguredPsk> from(KeyProvider provider, KeyRequest request) {
        return KeyText.read(provider, request, text -> parse(CharBuffer.wrap(text)));
    }

    private static Optional<PskHash> hash(int identifier) {
        if (identifier == 0) {
            return Optional.empty();
        }
        for (PskHash known : PskHash.values()) {
            if (identifier == known.identifier()) {
                return Optional.of(known);
            }
        }
        throw new IllegalArgumentException("the hash of a key is 00, 01 or 02");
    }

    /** Only what this class would write itself: other text for the same bytes has been changed on its way. */
    private static byte[] decode(CharSequence text) {
        int length = text.length() - 1 - SecretText.body(PREFIX);
        if (length != 48 && length != 72) {
            throw new IllegalArgumentException(
                    "a key of 32 or 48 bytes and its CRC-32 are 48 or 72 characters of Base64, not " + length);
        }
        byte[] encoded = SecretText.encoded(PREFIX, text);
        byte[] decoded = new byte[0];
        byte[] again = new byte[0];
        boolean whole = false;
        try {
            decoded = Base64.getDecoder().decode(encoded);
            again = Base64.getEncoder().encode(decoded);
            whole = isKeyLength(decoded.length - SecretText.CRC_LENGTH) && MessageDigest.isEqual(again, encoded);
        } catch (IllegalArgumentException e) {
            whole = false; // and nothing of the cause, which shows a character
        } finally {
            Arrays.fill(encoded, (byte) 0);
            Arrays.fill(again, (byte) 0);
            if (!whole) {
                Arrays.fill(decoded, (byte) 0);
            }
        }
        if (!whole) {
            throw new IllegalArgumentException("the key is not in Base64 as RFC 4648 section 4 has it");
        }
        return decoded;
    }

    private static boolean isKeyLength(int length) {
        return Arrays.stream(PskHash.values()).anyMatch(hash -> hash.length() == length);
    }

    /**
     * Writes the interchange format.
     *
     * @return the text, the caller's to wipe
     * @throws IllegalStateException if the key is closed
     */
    public char[] toInterchangeFormat() {
        return key.with(bytes -> SecretText.write(PREFIX, retainedAsIs ? 0 : hash.identifier(), bytes));
    }

    /**
     * The hash that goes with the key, for derivations, identities and the cipher suite.
     *
     * @return also for an untransformed key, by its length
     */
    public PskHash hash() {
        return hash;
    }

    /**
     * Whether the key is retained without a transformation (hash 00).
     *
     * @return false if the hash transforms it
     */
    public boolean isUntransformed() {
        return retainedAsIs;
    }

    /**
     * The key.
     *
     * @return a copy, the caller's to wipe
     * @throws IllegalStateException if the key is closed
     */
    public byte[] key() {
        return key.copy();
    }

    /**
     * Whether the key has been wiped.
     *
     * @return true after {@link #close()}
     */
    public boolean isClosed() {
        return key.isWiped();
    }

    /** Wipes the key. */
    @Override
    public void close() {
        key.wipe();
    }

    /** Tells nothing of the key. */
    @Override
    public String toString() {
        return "ConfiguredPsk";
    }
}
