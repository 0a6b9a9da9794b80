package io.nvmf.tcp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Transfer tags (TTAG) that a controller hands out with R2Ts, and what each stands for. Tag 0 is never used, so that a
 * peer that forgets to set the field is detected. Free tags are taken in the order in which they were given back.
 */
final class TransferTags {

    /** Largest number of tags: 16 bits without 0. */
    static final int MAX_TAGS = 0xFFFF;

    private int limit;
    private @Nullable H2cTransfer[] byTag = new H2cTransfer[17];

    /** Tags never used so far start here. */
    private int fresh = 1;

    private int[] returned = new int[16];
    private int head;
    private int size;

    TransferTags(int queueSize, long maxR2t) {
        limit = limit(queueSize, maxR2t);
    }

    private static int limit(int queueSize, long maxR2t) {
        return (int) Math.min(MAX_TAGS, queueSize * (maxR2t + 1));
    }

    /** Sets the bound once the size of the queue is known. */
    void resize(int queueSize, long maxR2t) {
        limit = Math.max(limit, limit(queueSize, maxR2t));
    }

    boolean isAvailable() {
        return size > 0 || fresh <= limit;
    }

    /** Gives out a tag, one being {@linkplain #isAvailable available}. */
    int take(H2cTransfer receive) {
        int tag;
        if (size > 0) {
            tag = returned[head];
            head = (head + 1) % returned.length;
            size--;
        } else {
            tag = fresh++;
            if (tag >= byTag.length) {
                byTag = Arrays.copyOf(byTag, Math.min(MAX_TAGS + 1, byTag.length * 2));
            }
        }
        byTag[tag] = receive;
        return tag;
    }

    /** What a tag stands for, or null if it is not in use. */
    @Nullable
    H2cTransfer find(int tag) {
        return tag < byTag.length ? byTag[tag] : null;
    }

    void giveBack(int tag) {
        byTag[tag] = null;
        if (size == returned.length) {
            int[] more = new int[returned.length * 2];
            for (int i = 0; i < size; i++) {
                more[i] = returned[(head + i) % returned.length];
            }
            returned = more;
            head = 0;
        }
        returned[(head + size) % returned.length] = tag;
        size++;
    }

    /** One more than the largest tag that may be in use. */
    int end() {
        return fresh;
    }
}
