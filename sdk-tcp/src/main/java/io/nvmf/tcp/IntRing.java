package io.nvmf.tcp;

/** Numbers in the order in which they came; grows when it is full. */
final class IntRing {

    private int[] ring = new int[4];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(int number) {
        if (size == ring.length) {
            ring = Rings.doubled(ring, head);
            head = 0;
        }
        ring[head + size & ring.length - 1] = number;
        size++;
    }

    /** Takes the oldest; only if there is one. */
    int remove() {
        int oldest = ring[head];
        head = head + 1 & ring.length - 1;
        size--;
        return oldest;
    }

    void clear() {
        size = 0;
    }
}
