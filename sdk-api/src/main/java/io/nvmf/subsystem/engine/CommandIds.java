package io.nvmf.subsystem.engine;

/**
 * The command identifiers outstanding on a queue. A bitmap over all 65,536, because hosts may use identifiers far above
 * the depth of the queue (Linux keeps a generation in the top bits).
 */
final class CommandIds {

    private final long[] words = new long[0x10000 / Long.SIZE];

    /** False if it is outstanding already. */
    boolean add(int commandId) {
        long bit = 1L << commandId;
        int word = commandId >>> 6;
        if ((words[word] & bit) != 0) {
            return false;
        }
        words[word] |= bit;
        return true;
    }

    void remove(int commandId) {
        words[commandId >>> 6] &= ~(1L << commandId);
    }
}
