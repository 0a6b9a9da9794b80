package io.nvmf.transport.support;

/**
 * How large the buffer of the next read of a socket should be: twice as large when a read has filled one, half as large
 * when two turns in a row brought at most half of it. Event loop only.
 */
public final class ReadSize {

    private final int least;
    private final int most;

    private int size;
    private int read;
    private boolean shrinking;

    /**
     * Begins with the least.
     *
     * @param least bytes, a power of two
     * @param most bytes, a power of two
     */
    public ReadSize(int least, int most) {
        this.least = least;
        this.most = most;
        this.size = least;
    }

    /**
     * The size.
     *
     * @return bytes
     */
    public int get() {
        return size;
    }

    /**
     * A read has brought something.
     *
     * @param bytes how much
     * @param filled whether there was no room for more
     */
    public void read(int bytes, boolean filled) {
        read += bytes;
        if (filled) {
            size = Math.min(most, size * 2);
            shrinking = false;
        }
    }

    /** The reads of a turn are over. */
    public void turnOver() {
        if (read * 2 <= size && read > 0) {
            if (shrinking) {
                size = Math.max(least, size / 2);
            }
            shrinking = !shrinking;
        } else {
            shrinking = false;
        }
        read = 0;
    }
}
