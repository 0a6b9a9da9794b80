package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.BitSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AccessSequenceTest {

    private static AccessSequence sequence(AccessPattern pattern, int reads, long units, long first, long stride) {
        Workload workload = new Workload(
                pattern, reads, 4096, 1, 1, 0, 1, ApiPath.QUEUE_PAIR, 0, false, Duration.ZERO, Duration.ofSeconds(1));
        return new AccessSequence(workload, units, first, stride);
    }

    private static long next(AccessSequence sequence) {
        sequence.advance();
        return sequence.unit();
    }

    @Test
    void sequentialOnesShareTheRangeAndStartAgain() {
        AccessSequence first = sequence(AccessPattern.READ, 100, 6, 0, 2);
        AccessSequence second = sequence(AccessPattern.READ, 100, 6, 1, 2);

        assertThat(LongStream.range(0, 4).map(i -> next(first))).containsExactly(0L, 2L, 4L, 0L);
        assertThat(LongStream.range(0, 4).map(i -> next(second))).containsExactly(1L, 3L, 5L, 1L);
    }

    @Test
    void randomOnesReachEveryUnitAndDiffer() {
        AccessSequence first = sequence(AccessPattern.RANDREAD, 100, 1000, 0, 2);
        AccessSequence second = sequence(AccessPattern.RANDREAD, 100, 1000, 1, 2);
        BitSet reached = new BitSet();
        int same = 0;
        for (int i = 0; i < 20_000; i++) {
            long unit = next(first);
            reached.set(Math.toIntExact(unit));
            same += unit == next(second) ? 1 : 0;
        }

        assertThat(reached.cardinality()).isEqualTo(1000);
        assertThat(same).isLessThan(100);
    }

    @Test
    void mixHasTheShareOfReads() {
        AccessSequence sequence = sequence(AccessPattern.RANDRW, 70, 1000, 0, 1);
        int reads = 0;
        for (int i = 0; i < 10_000; i++) {
            sequence.advance();
            reads += sequence.isRead() ? 1 : 0;
        }

        assertThat(reads).isBetween(6_700, 7_300);
    }
}
