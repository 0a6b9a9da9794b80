package io.nvmf.spec;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** NVMe qualified names (NVMe Base Specification, "NVMe Qualified Names"). */
public final class Nqn {
    /** The well-known name of every discovery subsystem. */
    public static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
    /** What the UUID form starts with. */
    public static final String UUID_PREFIX = "nqn.2014-08.org.nvmexpress:uuid:";
    /** Fewest bytes of a name. */
    public static final int MIN_LENGTH = 11;
    /** Most bytes of a name. */
    public static final int MAX_LENGTH = 223;
    /** Bytes of the NUL-terminated fields that carry a name. */
    public static final int FIELD_LENGTH = 256;

    private Nqn() {}

    /**
     * The UUID form.
     *
     * @param uuid identifies the host or subsystem
     * @return {@code nqn.2014-08.org.nvmexpress:uuid:} and the UUID in lower case
     */
    public static String uuid(UUID uuid) {
        return UUID_PREFIX + uuid;
    }

    /**
     * Whether a name has an allowed length, starts with {@code nqn.} and has no control characters.
     *
     * @param nqn name to look at
     * @return true if it is valid
     */
    public static boolean isValid(String nqn) {
        int length = nqn.getBytes(StandardCharsets.UTF_8).length;
        return length >= MIN_LENGTH && length <= MAX_LENGTH && nqn.startsWith("nqn.") && isText(nqn);
    }

    /**
     * Whether a name can be written in UTF-8 and has no control characters.
     *
     * @param name name to look at
     * @return false if it has a control character or half a surrogate pair
     */
    public static boolean isText(String name) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(name)
                && name.chars().noneMatch(Character::isISOControl);
    }

    /**
     * Passes a valid name through.
     *
     * @param nqn name to check
     * @return the name
     * @throws IllegalArgumentException if it is not valid
     */
    public static String require(String nqn) {
        if (!isValid(nqn)) {
            throw new IllegalArgumentException(
                    "\"" + nqn + "\" is not an NVMe qualified name: those start with \"nqn.\" and have " + MIN_LENGTH
                            + ".." + MAX_LENGTH + " bytes");
        }
        return nqn;
    }
}
