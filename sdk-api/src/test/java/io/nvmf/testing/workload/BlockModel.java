package io.nvmf.testing.workload;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of every block: which writes there were, when each began and ended, which are acknowledged, and which the store has
 * carried out. It throws {@link AssertionError} at the first thing that must not be:
 *
 * <ul>
 *   <li>an acknowledged write that the store does not hold, or that a write of earlier times has replaced;
 *   <li>a write carried out after a newer one to the same block was acknowledged;
 *   <li>a write carried out of which was told that it never left;
 *   <li>a read that returns what was never written, or something older than what was acknowledged, or read, before it began.
 * </ul>
 *
 * <p>A write is newer than another if it began after the other had ended; between writes under way at the same time there is no
 * order. A write whose outcome is unknown has ended when it can no longer be carried out, which its user says. Thread safe.
 */
public final class BlockModel {

    private static final long NEVER = Long.MAX_VALUE;

    /** One write to consecutive blocks; state belongs to the model. */
    public static final class Write {

        final long stamp;
        final int first;
        final int count;
        final Version[] versions;

        Write(long stamp, int first, int count) {
            this.stamp = stamp;
            this.first = first;
            this.count = count;
            this.versions = new Version[count];
        }

        /** First block. */
        public int first() {
            return first;
        }

        /** Number of blocks. */
        public int count() {
            return count;
        }

        @Override
        public String toString() {
            return "write " + stamp + " of blocks " + first + "+" + count;
        }
    }

    /** What one write means to one block. Times are counts of what the model has been told. */
    private static final class Version {

        final long stamp;
        final long began;
        long ended = NEVER;
        long acknowledged = NEVER;
        long seen = NEVER;
        int carriedOut;
        boolean neverSent;

        Version(long stamp, long began) {
            this.stamp = stamp;
            this.began = began;
        }

        /** From when on nothing older may be seen any more. */
        long established() {
            return Math.min(acknowledged, seen);
        }

        @Override
        public String toString() {
            return "write " + stamp + " [began " + began + ", ended " + text(ended) + ", acknowledged "
                    + text(acknowledged) + ", first read " + text(seen) + ", carried out " + carriedOut + " times"
                    + (neverSent ? ", never sent]" : "]");
        }

        private static String text(long time) {
            return time == NEVER ? "never" : Long.toString(time);
        }
    }

    /** Every version of a block, and the one that the store holds. */
    private static final class Block {

        final Map<Long, Version> byStamp = new HashMap<>();
        final List<Version> versions = new ArrayList<>();
        Version stored;

        Block() {
            stored = add(new Version(BlockContent.NEVER_WRITTEN, 0));
            stored.ended = 0;
            stored.acknowledged = 0;
        }

        Version add(Version version) {
            byStamp.put(version.stamp, version);
            versions.add(version);
            return version;
        }

        /** A version that is newer than that one and was there before that time, or null. */
        Version newer(Version than, long before, boolean acknowledgedOnly) {
            for (Version other : versions) {
                long since = acknowledgedOnly ? other.acknowledged : other.established();
                if (since < before && other.began > than.ended) {
                    return other;
                }
            }
            return null;
        }
    }

    private final Block[] blocks;
    private long now;
    private long stamps;
    private long writesCarriedOut;

    /** A model of blocks that have never been written to. */
    public BlockModel(int blockCount) {
        blocks = new Block[blockCount];
        for (int i = 0; i < blockCount; i++) {
            blocks[i] = new Block();
        }
    }

    /** How many blocks there are. */
    public int blockCount() {
        return blocks.length;
    }

    /** How many times the store has written a block. */
    public synchronized long writesCarriedOut() {
        return writesCarriedOut;
    }

    /** A write is about to be submitted. */
    public synchronized Write beginWrite(int first, int count) {
        Write write = new Write(++stamps, first, count);
        long began = ++now;
        for (int i = 0; i < count; i++) {
            write.versions[i] = blocks[first + i].add(new Version(write.stamp, began));
        }
        return write;
    }

    /** A part of a write is acknowledged. */
    public synchronized void acknowledged(Write write, int from, int to) {
        now++;
        for (int i = from; i < to; i++) {
            Version version = write.versions[i];
            Block block = blocks[write.first + i];
            if (version.carriedOut == 0) {
                throw failure("acknowledged and not carried out", write.first + i, version, null);
            }
            version.acknowledged = now;
            version.ended = now;
            Version stored = block.stored;
            if (version.began > stored.ended) {
                throw failure("acknowledged and lost under an older one", write.first + i, version, stored);
            }
        }
    }

    /** It was told of a part of a write that it never left the host. */
    public synchronized void neverSent(Write write, int from, int to) {
        now++;
        for (int i = from; i < to; i++) {
            Version version = write.versions[i];
            version.neverSent = true;
            version.ended = now;
            if (version.carriedOut > 0) {
                throw failure("never sent, it was told, and carried out", write.first + i, version, null);
            }
        }
    }

    /** A part of a write whose outcome is unknown can no longer be carried out. */
    public synchronized void over(Write write, int from, int to) {
        now++;
        for (int i = from; i < to; i++) {
            write.versions[i].ended = now;
        }
    }

    /** A read is about to be submitted; returns the time that {@link #read} wants. */
    public synchronized long beginRead() {
        return ++now;
    }

    /** A read has returned this of a block. */
    public synchronized void read(long began, int number, long stamp) {
        now++;
        Block block = blocks[number];
        Version version = block.byStamp.get(stamp);
        if (version == null) {
            throw new AssertionError("block " + number + " was read as of write " + stamp + ", which there never was");
        }
        if (stamp != BlockContent.NEVER_WRITTEN && version.carriedOut == 0) {
            throw failure("read and never carried out", number, version, null);
        }
        Version newer = block.newer(version, began, false);
        if (newer != null) {
            throw failure("read (since " + began + ") though a newer one was there", number, version, newer);
        }
        version.seen = Math.min(version.seen, now);
    }

    /** The store writes a block. */
    synchronized void carriedOut(int number, long stamp) {
        now++;
        writesCarriedOut++;
        Block block = blocks[number];
        Version version = block.byStamp.get(stamp);
        if (version == null) {
            throw new AssertionError("block " + number + " is written with write " + stamp + ", which there never was");
        }
        version.carriedOut++;
        if (version.neverSent) {
            throw failure("carried out, though never sent, it was told", number, version, null);
        }
        Version newer = block.newer(version, now, true);
        if (newer != null) {
            throw failure("carried out after a newer one was acknowledged", number, version, newer);
        }
        block.stored = version;
    }

    private AssertionError failure(String what, int number, Version version, Version other) {
        return new AssertionError("block " + number + ", time " + now + ": " + what + ": " + version
                + (other == null ? "" : "; the other is " + other));
    }
}
