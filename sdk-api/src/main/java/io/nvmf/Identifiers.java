package io.nvmf;

import io.nvmf.spec.Nqn;
import java.util.UUID;
import java.util.regex.Pattern;

/** Identifiers as they are given: checked, never completed. */
final class Identifiers {

    private static final Pattern UUID_TEXT = Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");

    private Identifiers() {}

    /** A UUID in its one canonical form; {@link UUID#fromString} fills in what is missing. */
    static UUID uuid(String text) {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a UUID, which has 8-4-4-4-12 hexadecimal digits");
        }
        return UUID.fromString(text);
    }

    /** The UUID of an NQN of the UUID form. */
    static UUID uuidOf(String nqn) {
        try {
            return uuid(nqn.substring(Nqn.UUID_PREFIX.length()));
        } catch (IllegalArgumentException notOne) {
            throw new IllegalArgumentException("host NQN " + nqn + " has no UUID behind its prefix", notOne);
        }
    }

    /** A host identifier, which the nil UUID is not. */
    static UUID hostId(UUID id) {
        if (id.getMostSignificantBits() == 0 && id.getLeastSignificantBits() == 0) {
            throw new IllegalArgumentException("hostId " + id + " is the nil UUID");
        }
        return id;
    }

    /** A host NQN; of the UUID form, it says the host identifier, too. */
    static String hostNqn(String nqn) {
        Nqn.require(nqn);
        if (nqn.startsWith(Nqn.UUID_PREFIX)) {
            hostId(uuidOf(nqn));
        }
        return nqn;
    }
}
