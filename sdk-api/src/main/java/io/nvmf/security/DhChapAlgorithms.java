package io.nvmf.security;

import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.util.EnumSet;
import java.util.List;

/**
 * Which hash functions and Diffie-Hellman groups an authentication may use, best first. A host offers them in this
 * order; a controller takes the first of its own that the host offers.
 *
 * @param hashes hash functions, at least one, none twice
 * @param groups groups, at least one, none twice; {@link DhGroup#NULL} allows to do without a Diffie-Hellman exchange
 */
public record DhChapAlgorithms(List<DhChapHash> hashes, List<DhGroup> groups) {
    private static final DhChapAlgorithms DEFAULTS = new DhChapAlgorithms(
            List.of(DhChapHash.SHA_256, DhChapHash.SHA_384, DhChapHash.SHA_512),
            List.of(
                    DhGroup.FFDHE3072,
                    DhGroup.FFDHE2048,
                    DhGroup.FFDHE4096,
                    DhGroup.FFDHE6144,
                    DhGroup.FFDHE8192,
                    DhGroup.NULL));

    /**
     * Takes copies of the lists.
     *
     * @param hashes hash functions
     * @param groups groups
     * @throws IllegalArgumentException if a list is empty or has an element twice
     */
    public DhChapAlgorithms {
        hashes = List.copyOf(hashes);
        groups = List.copyOf(groups);
        if (hashes.isEmpty() || EnumSet.copyOf(hashes).size() != hashes.size()) {
            throw new IllegalArgumentException("hashes " + hashes + " are none, or have one twice");
        }
        if (groups.isEmpty() || EnumSet.copyOf(groups).size() != groups.size()) {
            throw new IllegalArgumentException("groups " + groups + " are none, or have one twice");
        }
    }

    /**
     * All of them. SHA-256 and the group of 3072 bits, which are as strong as each other, come first, larger groups
     * later as they cost more, and no exchange at all last.
     *
     * @return the defaults
     */
    public static DhChapAlgorithms defaults() {
        return DEFAULTS;
    }

    /**
     * Replaces the hash functions.
     *
     * @param hashes hash functions, best first
     * @return a new value
     * @throws IllegalArgumentException if there are none or one is there twice
     */
    public DhChapAlgorithms withHashes(DhChapHash... hashes) {
        return new DhChapAlgorithms(List.of(hashes), groups);
    }

    /**
     * Replaces the groups.
     *
     * @param groups groups, best first
     * @return a new value
     * @throws IllegalArgumentException if there are none or one is there twice
     */
    public DhChapAlgorithms withGroups(DhGroup... groups) {
        return new DhChapAlgorithms(hashes, List.of(groups));
    }
}
