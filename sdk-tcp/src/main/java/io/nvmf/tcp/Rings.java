package io.nvmf.tcp;

import java.util.Arrays;

/** Ring buffers that are full and have to grow; their length is a power of two. */
final class Rings {

    private Rings() {}

    /** Twice as long, its first element at index 0. */
    static int[] doubled(int[] ring, int head) {
        int[] more = Arrays.copyOfRange(ring, head, head + 2 * ring.length);
        System.arraycopy(ring, 0, more, ring.length - head, head);
        return more;
    }

    /** Twice as long, its first element at index 0. */
    static <T> T[] doubled(T[] ring, int head) {
        T[] more = Arrays.copyOfRange(ring, head, head + 2 * ring.length);
        System.arraycopy(ring, 0, more, ring.length - head, head);
        return more;
    }
}
