package io.nvmf.subsystem.engine.auth;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.spec.Nqn;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The parts of a PSK identity: {@code NVMe}, version, {@code R} or {@code G}, hash, host, subsystem and, in version 1,
 * the digest of the key (NVMe/TCP Transport Specification 1.1, "PSK identity").
 *
 * @param version 0 or 1
 * @param generated whether the key comes from an authentication
 * @param hash of the key
 * @param hostNqn name of the host
 * @param subsystemNqn name of the subsystem
 */
public record PskIdentity(int version, boolean generated, PskHash hash, String hostNqn, String subsystemNqn) {

    private static final String START = "NVMe";
    static final int AT_VERSION = 4;
    private static final int AT_ORIGIN = 5;
    private static final int AT_HASH = 6;
    private static final int AT_SPACE = 8;

    private static final int MOST_BYTES_OF_VERSION_0 = 255;

    /** Base64 has four characters for three bytes. */
    private static final int BYTES = 3;

    private static final int CHARACTERS = 4;

    /**
     * Takes an identity apart.
     *
     * @param text as a peer has sent it, so it may be anything
     * @return empty if it is no identity
     */
    public static Optional<PskIdentity> parse(String text) {
        // Characters first: whoever sends megabytes has them looked at no further.
        if (text.length() <= AT_SPACE
                || text.length() > TlsPsk.MOST_IDENTITY_BYTES
                || text.getBytes(StandardCharsets.UTF_8).length > TlsPsk.MOST_IDENTITY_BYTES
                || !text.startsWith(START)
                || text.charAt(AT_SPACE) != ' ') {
            return Optional.empty();
        }
        int version = text.charAt(AT_VERSION) - '0';
        char origin = text.charAt(AT_ORIGIN);
        Optional<PskHash> hash = hash(text.substring(AT_HASH, AT_SPACE));
        String[] names = text.substring(AT_SPACE + 1).split(" ", -1);
        if (version != 0 && version != 1
                || origin != 'R' && origin != 'G'
                || hash.isEmpty()
                || names.length != version + 2
                || version == 0 && text.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES_OF_VERSION_0
                || !isName(names[0])
                || !isName(names[1])
                || version == 1 && names[2].length() != hash.get().length() / BYTES * CHARACTERS + padded(hash.get())) {
            return Optional.empty();
        }
        return Optional.of(new PskIdentity(version, origin == 'G', hash.get(), names[0], names[1]));
    }

    private static int padded(PskHash hash) {
        return hash.length() % BYTES == 0 ? 0 : CHARACTERS;
    }

    private static Optional<PskHash> hash(String identifier) {
        for (PskHash hash : PskHash.values()) {
            if (identifier.equals("0" + hash.identifier())) {
                return Optional.of(hash);
            }
        }
        return Optional.empty();
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && name.getBytes(StandardCharsets.UTF_8).length <= Nqn.MAX_LENGTH
                && name.chars().noneMatch(Character::isISOControl);
    }
}
