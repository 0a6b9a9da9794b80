package io.nvmf.samples.replicate;

import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.NamespaceIdentity;
import java.util.Locale;
import java.util.Optional;

/**
 * What is copied where. Two copies are the same if these are equal: the addresses are not among them, since a namespace
 * may be reached by several.
 *
 * @param source identity of the source
 * @param target identity of the target
 * @param sourceSize bytes of the source
 * @param targetSize bytes of the target
 * @param sourceOffset first byte that is copied
 * @param targetOffset where it goes
 * @param length bytes that are copied
 */
record CopyJob(
        String source,
        String target,
        long sourceSize,
        long targetSize,
        long sourceOffset,
        long targetOffset,
        long length) {

    /**
     * Checks what was asked for against the two namespaces.
     *
     * @param length empty for the rest of the source
     * @throws RefusedException if it does not fit
     */
    static CopyJob of(Side from, Side to, long sourceOffset, long targetOffset, Optional<Long> length) {
        NvmeNamespace source = from.namespace();
        NvmeNamespace target = to.namespace();
        if (same(from, to)) {
            throw new RefusedException("source and target are the same namespace: " + from.identity());
        }
        aligned("--offset", sourceOffset, "source", source.blockSize());
        aligned("--target-offset", targetOffset, "target", target.blockSize());
        if (sourceOffset >= source.size()) {
            throw new RefusedException(
                    "--offset " + sourceOffset + " is beyond the source, which has " + bytes(source.size()));
        }
        long rest = source.size() - sourceOffset;
        long bytes = length.orElse(rest);
        if (bytes > rest) {
            throw new RefusedException("--length " + bytes + " is more than the " + bytes(rest)
                    + " that the source has from " + sourceOffset + " on");
        }
        long room = target.size() - targetOffset;
        if (bytes > room) {
            throw new RefusedException(
                    "the target is too small: " + bytes(bytes) + " are to be copied, and it has room for "
                            + bytes(Math.max(0, room)) + " from " + targetOffset + " on"
                            + (room > 0 ? "; --length " + room + " copies what fits" : ""));
        }
        if (target.readOnly()) {
            throw new RefusedException("the target is write protected: " + to.address());
        }
        return new CopyJob(
                from.identity(), to.identity(), source.size(), target.size(), sourceOffset, targetOffset, bytes);
    }

    /** Whatever their addresses: a subsystem has many, and its NQN is unique. */
    private static boolean same(Side from, Side to) {
        NamespaceIdentity identity = from.namespace().identity();
        return identity.equals(to.namespace().identity())
                && (!identity.isEmpty() || from.identity().equals(to.identity()));
    }

    private static void aligned(String option, long offset, String side, int blockSize) {
        if (offset % blockSize != 0) {
            throw new RefusedException(
                    option + ' ' + offset + " is not a multiple of the " + side + "'s blocks of " + bytes(blockSize));
        }
    }

    private static String bytes(long number) {
        return String.format(Locale.ROOT, "%,d bytes", number);
    }

    /** What a namespace is known by: its identifiers, or else its place. */
    static String identity(NvmeController controller, NvmeNamespace namespace) {
        return namespace.identity().isEmpty()
                ? "namespace " + Integer.toUnsignedString(namespace.id()) + " of " + controller.subsystem()
                : namespace.identity().toString();
    }
}
