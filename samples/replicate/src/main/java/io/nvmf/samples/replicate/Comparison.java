package io.nvmf.samples.replicate;

import io.nvmf.command.ByteRange;
import java.util.ArrayList;
import java.util.List;

/** What came of reading both sides: their checksums, and where they differ. */
final class Comparison {

    /** Ranges that are remembered; of others only the number of bytes. */
    static final int MOST_RANGES = 10;

    /**
     * A piece of both sides.
     *
     * @param offset first byte, counted from the beginning of what is compared
     * @param length bytes
     * @param source CRC-32C of the source's bytes
     * @param target CRC-32C of the target's bytes
     */
    record Piece(long offset, long length, int source, int target) {}

    private final List<ByteRange> different = new ArrayList<>();
    private long differentBytes;
    private int source;
    private int target;

    /** Adds the next piece. */
    void add(Piece piece) {
        source = Checksum.combine(source, piece.source(), piece.length());
        target = Checksum.combine(target, piece.target(), piece.length());
        if (piece.source() != piece.target()) {
            differentBytes += piece.length();
            remember(piece);
        }
    }

    private void remember(Piece piece) {
        int last = different.size() - 1;
        if (last >= 0 && different.get(last).end() == piece.offset()) {
            ByteRange before = different.get(last);
            different.set(last, new ByteRange(before.offset(), before.length() + piece.length()));
        } else if (different.size() < MOST_RANGES) {
            different.add(new ByteRange(piece.offset(), piece.length()));
        }
    }

    boolean isEqual() {
        return differentBytes == 0;
    }

    int source() {
        return source;
    }

    int target() {
        return target;
    }

    /** {@return the bytes of all pieces that differ} */
    long differentBytes() {
        return differentBytes;
    }

    /** {@return the first ranges that differ, counted from the beginning of what is compared} */
    List<ByteRange> different() {
        return List.copyOf(different);
    }
}
