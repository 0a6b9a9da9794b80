package io.nvmf.security;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * A key for one TLS handshake between a host and a subsystem, and the identity by which both sides call it (NVMe/TCP
 * Transport Specification 1.1, "PSK identity"). Transports get it; it is derived from a {@link ConfiguredPsk} or from
 * an authentication.
 *
 * <p>The identity is no secret, it is on the wire in clear. {@link #close()} wipes the key. Thread safe.
 */
public final class TlsPsk implements AutoCloseable {

    /** Most preferred first: the newest version, SHA-384 before SHA-256, retained before generated. */
    public static final Comparator<TlsPsk> PREFERENCE = Comparator.comparingInt(TlsPsk::version)
            .thenComparing(TlsPsk::hash)
            .reversed()
            .thenComparing(TlsPsk::isGenerated);

    /** Most bytes of an identity: two names, a digest, and what stands between them. */
    public static final int MOST_IDENTITY_BYTES = 1024;

    private static final String START = "NVMe";
    private static final int AT_VERSION = 4;
    private static final int AT_ORIGIN = 5;
    private static final int AT_HASH = 6;
    private static final int AT_SPACE = 8;

    private final String identity;
    private final int version;
    private final boolean generated;
    private final PskHash hash;
    private final SecretBytes key;

    private TlsPsk(String identity, PskHash hash, byte[] key) {
        this.identity = identity;
        this.version = identity.charAt(AT_VERSION) - '0';
        this.generated = identity.charAt(AT_ORIGIN) == 'G';
        this.hash = hash;
        this.key = new SecretBytes(key);
    }

    /**
     * A derived key.
     *
     * @param identity {@code NVMe}, version, {@code R} or {@code G}, hash, and what else the version asks for
     * @param key copied; as many bytes as the hash that the identity names
     * @return the key
     * @throws IllegalArgumentException if the identity is none, or the key has another length
     */
    public static TlsPsk of(String identity, byte[] key) {
        PskHash hash = hash(identity);
        if (key.length != hash.length()) {
            throw new IllegalArgumentException(
                    "the key of \"" + identity + "\" has " + key.length + " bytes, not " + hash.length());
        }
        return new TlsPsk(identity, hash, key.clone());
    }

    private static PskHash hash(String identity) {
        if (isIdentity(identity)) {
            for (PskHash hash : PskHash.values()) {
                if (identity.charAt(AT_HASH + 1) == '0' + hash.identifier()) {
                    return hash;
                }
            }
        }
        throw new IllegalArgumentException("\"" + identity + "\" is not a PSK identity of NVMe/TCP");
    }

    private static boolean isIdentity(String identity) {
        return identity.length() > AT_SPACE + 1
                && identity.getBytes(StandardCharsets.UTF_8).length <= MOST_IDENTITY_BYTES
                && identity.startsWith(START)
                && (identity.charAt(AT_VERSION) == '0' || identity.charAt(AT_VERSION) == '1')
                && (identity.charAt(AT_ORIGIN) == 'R' || identity.charAt(AT_ORIGIN) == 'G')
                && identity.charAt(AT_HASH) == '0'
                && identity.charAt(AT_SPACE) == ' ';
    }

    /**
     * What both sides call the key.
     *
     * @return text, at most {@link #MOST_IDENTITY_BYTES} bytes of UTF-8
     */
    public String identity() {
        return identity;
    }

    /**
     * The version of the identity.
     *
     * @return 0 or 1
     */
    public int version() {
        return version;
    }

    /**
     * Whether the key comes from an authentication.
     *
     * @return false if it comes from a configured key
     */
    public boolean isGenerated() {
        return generated;
    }

    /**
     * The hash of the key, and of the cipher suite that goes with it.
     *
     * @return as the identity says
     */
    public PskHash hash() {
        return hash;
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

    /** The identity, and nothing of the key. */
    @Override
    public String toString() {
        return "TlsPsk[" + identity + ']';
    }
}
