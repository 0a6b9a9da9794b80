package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.DatasetManagementCommand;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Ranges of bytes of a store, in ascending order, of which no two overlap or touch. */
final class Ranges {

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
        Range[] ranges = new Range[list.readableBytes() / DatasetManagementCommand.RANGE_LENGTH];
        for (int i = 0; i < ranges.length; i++) {
            long offset = namespace.offset(DatasetManagementCommand.slba(list, i));
            ranges[i] =
                    new Range(offset, offset + (DatasetManagementCommand.blocks(list, i) << namespace.blockShift()));
        }
        return new Ranges(Arrays.stream(ranges)
                .filter(range -> range.end > range.offset)
                .sorted(Comparator.comparingLong(Range::offset))
                .toList());
    }

    /** Whether all ranges of a list are within the namespace. */
    static boolean within(Namespace namespace, ByteBuf list) {
        for (int i = 0; i < list.readableBytes() / DatasetManagementCommand.RANGE_LENGTH; i++) {
            long slba = DatasetManagementCommand.slba(list, i);
            if (slba < 0
                    || slba > namespace.blocks()
                    || DatasetManagementCommand.blocks(list, i) > namespace.blocks() - slba) {
                return false;
            }
        }
        return true;
    }

    /** The number of blocks of the longest range of a list. */
    static long longest(ByteBuf list) {
        long longest = 0;
        for (int i = 0; i < list.readableBytes() / DatasetManagementCommand.RANGE_LENGTH; i++) {
            longest = Math.max(longest, DatasetManagementCommand.blocks(list, i));
        }
        return longest;
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
