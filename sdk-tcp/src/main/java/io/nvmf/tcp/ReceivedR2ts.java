package io.nvmf.tcp;

/**
 * R2Ts that the host has received and not answered yet, in order of arrival. An R2T is skipped if its command has got
 * its response in the meantime. There are at most MAXR2T+1 entries for a command, because more R2Ts are a protocol
 * error.
 */
final class ReceivedR2ts {

    /** R2Ts that there is room for at first: an idle connection has the arrays, too. A power of two. */
    private static final int AT_FIRST = 4;

    private CommandTransfer[] transfers = new CommandTransfer[AT_FIRST];
    private int[] generations = new int[AT_FIRST];
    private int[] tags = new int[AT_FIRST];
    private int[] offsets = new int[AT_FIRST];
    private int[] lengths = new int[AT_FIRST];
    private int head;
    private int size;

    /**
     * Adds an R2T.
     *
     * @param transfer the transfer of its command
     * @param tag TTAG
     * @param offset R2TO
     * @param length R2TL, at least 1
     */
    void add(CommandTransfer transfer, int tag, int offset, int length) {
        if (size == transfers.length) {
            grow();
        }
        int tail = head + size & transfers.length - 1;
        transfers[tail] = transfer;
        generations[tail] = transfer.generation();
        tags[tail] = tag;
        offsets[tail] = offset;
        lengths[tail] = length;
        size++;
    }

    /** Whether an R2T waits for its data; drops those whose command is over. */
    boolean isPending() {
        while (size > 0) {
            CommandTransfer transfer = transfers[head];
            if (transfer.isRequestable() && transfer.generation() == generations[head]) {
                return true;
            }
            remove();
        }
        return false;
    }

    CommandTransfer transfer() {
        return transfers[head];
    }

    int tag() {
        return tags[head];
    }

    /** First byte not sent yet, within the command's data. */
    int offset() {
        return offsets[head];
    }

    /** Bytes not sent yet. */
    int length() {
        return lengths[head];
    }

    /** Bytes of the first R2T were sent; the last of them removes it. */
    void advance(int bytes) {
        offsets[head] += bytes;
        lengths[head] -= bytes;
        if (lengths[head] == 0) {
            remove();
        }
    }

    void clear() {
        size = 0;
    }

    private void remove() {
        head = head + 1 & transfers.length - 1;
        size--;
    }

    private void grow() {
        transfers = Rings.doubled(transfers, head);
        generations = Rings.doubled(generations, head);
        tags = Rings.doubled(tags, head);
        offsets = Rings.doubled(offsets, head);
        lengths = Rings.doubled(lengths, head);
        head = 0;
    }
}
