package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Ranges of bytes of a store, in ascending order, of which no two overlap or touch. */
final class Ranges {

    /** Bytes of a range in the list of Dataset Management. */
    static final int ENTRY = 16;

    private record Range(long offset, long end) {}

    private final long[] offsets;
    private final long[] ends;
    private int count;

    private Ranges(List<Range> sorted) {
        offsets = new long[sorted.size()];
        ends = new long[sorted.size()];
        for (Range range : sorted) {
            if (count > 0 && range.offset <= ends[count - 1]) {
                ends[count - 1] = Math.max(ends[count - 1], range.end);
            } else {
                offsets[count] = range.offset;
                ends[count] = range.end;
                count++;
            }
        }
    }

    /** One range. */
    static Ranges of(long offset, long length) {
        return new Ranges(List.of(new Range(offset, offset + length)));
    }

    /** The ranges of a list that {@link #within} has accepted; empty ones are left out. */
    static Ranges decode(Namespace namespace, ByteBuf list) {
        Range[] ranges = new Range[list.readableBytes() / ENTRY];
        for (int i = 0; i < ranges.length; i++) {
            long offset = namespace.offset(slba(list, i));
            ranges[i] = new Range(offset, offset + (blocks(list, i) << namespace.blockShift()));
        }
        return new Ranges(Arrays.stream(ranges)
                .filter(range -> range.end > range.offset)
                .sorted(Comparator.comparingLong(Range::offset))
                .toList());
    }

    /** Whether all ranges of a list are within the namespace. */
    static boolean within(Namespace namespace, ByteBuf list) {
        for (int i = 0; i < list.readableBytes() / ENTRY; i++) {
            long slba = slba(list, i);
            if (slba < 0 || slba > namespace.blocks() || blocks(list, i) > namespace.blocks() - slba) {
                return false;
            }
        }
        return true;
    }

    /** The number of blocks of the longest range of a list. */
    static long longest(ByteBuf list) {
        long longest = 0;
        for (int i = 0; i < list.readableBytes() / ENTRY; i++) {
            longest = Math.max(longest, blocks(list, i));
        }
        return longest;
    }

    private static long blocks(ByteBuf list, int index) {
        return list.getUnsignedIntLE(list.readerIndex() + index * ENTRY + Integer.BYTES);
    }

    private static long slba(ByteBuf list, int index) {
        return list.getLongLE(list.readerIndex() + index * ENTRY + 2 * Integer.BYTES);
    }

    int count() {
        return count;
    }

    long offset(int index) {
        return offsets[index];
    }

    long length(int index) {
        return ends[index] - offsets[index];
    }
}
