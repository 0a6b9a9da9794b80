package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class VerificationTest extends TwoTargets {

    @Test
    void aTargetThatChangedWhatItWasGivenIsFoundByReadingItBack() {
        listen(4 * MIB, 4096, 4 * MIB, 4096);
        AtomicBoolean damaged = new AtomicBoolean();
        target.onWrite = bytes -> {
            if (bytes > 3 * MIB && damaged.compareAndSet(false, true)) {
                target.put(4096, new byte[512]);
            }
        };

        assertThat(run("--verify")).as(output()).isEqualTo(ReplicateCommand.FAILED);

        assertThat(out.toString()).contains("THE DATA DIFFERS").contains("--verify-only to see where");
        assertThat(state).exists();
        assertThat(run("--verify")).as("again, from the state").isEqualTo(ReplicateCommand.FAILED);
        assertThat(run()).as("it stays to be verified").isEqualTo(ReplicateCommand.FAILED);
        assertThat(out.toString()).contains("going on at 4,194,304 of 4,194,304 bytes, which are to be verified, as ");
        assertThat(state).exists();
        assertThat(run("--verify", "--restart")).as(output()).isZero();
        assertThat(state).doesNotExist();
    }

    @Test
    void aCopyThatCouldNotBeReadBackIsNotTakenForGoodLater() {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        target.onRead = bytes -> {
            throw new IllegalStateException("not readable today");
        };
        assertThat(run("--verify")).as(output()).isEqualTo(ReplicateCommand.FAILED);
        assertThat(err.toString()).contains("the same command goes on where " + state + " says");
        target.onRead = bytes -> {};
        target.put(4096, new byte[512]);

        assertThat(run()).as(output()).isEqualTo(ReplicateCommand.FAILED);

        assertThat(out.toString()).contains("THE DATA DIFFERS");
        assertThat(run("--restart")).as(output()).isZero();
        assertThat(state).doesNotExist();
    }

    @Test
    void aCompleteCopyThatIsVerifiedOnlyNowStaysToBeVerifiedWhereItDiffers() throws IOException {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        new StateFile(state).save(new CopyState(job(), 2 * MIB, 0xBAD, false));
        assertThat(run("--verify")).as(output()).isEqualTo(ReplicateCommand.FAILED);

        assertThat(run()).as(output()).isEqualTo(ReplicateCommand.FAILED);
    }

    @Test
    void aCopyThatEndedBeforeItWasVerifiedIsVerifiedByWhoeverGoesOn() throws IOException {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        target.put(0, source.get(0, 2 * MIB));
        Checksum checksum = new Checksum();
        checksum.update(Unpooled.wrappedBuffer(source.get(0, 2 * MIB)));
        new StateFile(state).save(new CopyState(job(), 2 * MIB, checksum.value(), true));

        assertThat(run()).as(output()).isZero();

        assertThat(out.toString()).contains("read back 2,097,152 bytes").contains(": equal");
        assertThat(target.writes).isEmpty();
        assertThat(state).doesNotExist();
    }

    @Test
    void comparingTellsWhere() {
        listen(20 * MIB, 512, 21 * MIB, 4096);
        assertThat(run("--target-offset", "4096")).isZero();
        target.writes.clear();
        assertThat(run("--target-offset", "4096", "--verify-only")).as(output()).isZero();
        target.put(4096 + 3 * MIB, new byte[] {1, 2, 3, 4});
        for (int piece = 5; piece < 20; piece++) {
            target.put(4096 + piece * MIB + 8192, new byte[512]);
        }

        assertThat(run("--target-offset", "4096", "--verify-only")).isEqualTo(ReplicateCommand.FAILED);

        assertThat(out.toString())
                .contains("THE DATA DIFFERS")
                .contains("different: 1,048,576 bytes from 3,145,728 of the source and 3,149,824 of the target on")
                .contains("different: 15,728,640 bytes from 5,242,880 of the source")
                .contains("in all 16,777,216 bytes in pieces of 1,048,576 that have differences");
        assertThat(target.writes).isEmpty();
        assertThat(state).doesNotExist();
    }

    @Test
    void rangesThatDifferAreCountedButNotAllRemembered() {
        Comparison comparison = new Comparison();
        for (int piece = 0; piece < 100; piece++) {
            comparison.add(new Comparison.Piece(piece * 10L, 10, piece, piece % 2 == 0 ? piece : -1));
        }

        assertThat(comparison.isEqual()).isFalse();
        assertThat(comparison.different()).hasSize(Comparison.MOST_RANGES);
        assertThat(comparison.differentBytes()).isEqualTo(500);
    }
}
