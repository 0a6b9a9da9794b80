package io.nvmf.samples.replicate;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the user has asked for.
 *
 * @param from source
 * @param to target
 * @param sourceOffset first byte that is copied
 * @param targetOffset where it goes
 * @param length empty for the rest of the source
 * @param task what to do
 * @param state file for the state; empty for one with a name that is made of what is copied
 * @param restart whether a state that is there is ignored
 * @param options how it is done
 */
record Request(
        NamespaceAddress from,
        NamespaceAddress to,
        long sourceOffset,
        long targetOffset,
        Optional<Long> length,
        Task task,
        Optional<Path> state,
        boolean restart,
        CopyOptions options) {

    /** What to do. */
    enum Task {
        /** Copy. */
        COPY,
        /** Copy, then read the target back and compare checksums. */
        COPY_AND_VERIFY,
        /** Read both sides and compare them. */
        VERIFY
    }
}
