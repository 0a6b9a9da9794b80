package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.TransportType;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

class CopyTest extends TwoTargets {

    @Test
    void theTargetHasWhatTheSourceHasAndTheStateIsGone() {
        listen(5 * MIB, 512, 5 * MIB, 4096);

        assertThat(run("--verify", "--checkpoint", "2M")).as(output()).isEqualTo(ReplicateCommand.EQUAL);

        assertThat(target.get(0, 5 * MIB)).isEqualTo(source.get(0, 5 * MIB));
        assertThat(out.toString())
                .contains("copied 5,242,880 bytes")
                .contains("read back")
                .contains(": equal");
        assertThat(state).doesNotExist();
        assertThat(sourceSide.address()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "512, 4096, 0, 0, 1049088",
        "512, 4096, 512, 8192, 3584",
        "4096, 512, 8192, 512, 2097152",
        "4096, 512, 4096, 1536, 100",
        "4096, 4096, 0, 4096, 1048577",
        "512, 65536, 1024, 65536, 2000001",
    })
    void aRangeIsCopiedAndNothingElseIsTouched(
            int sourceBlock, int targetBlock, long offset, long targetOffset, int length) {
        listen(3 * MIB, sourceBlock, 4 * MIB, targetBlock);
        byte[] expected = target.get(0, 4 * MIB);
        System.arraycopy(source.get(0, 3 * MIB), (int) offset, expected, (int) targetOffset, length);

        int exit = run(
                "--offset",
                Long.toString(offset),
                "--target-offset",
                Long.toString(targetOffset),
                "--length",
                Integer.toString(length),
                "--checkpoint",
                "1M",
                "--chunk",
                "64K",
                "--verify");

        assertThat(exit).as(output()).isZero();
        assertThat(Arrays.mismatch(target.get(0, 4 * MIB), expected)).isEqualTo(-1);
    }

    @Test
    void aCopyFromTcpToRdmaOutlivesACutOfEither() {
        listen(TransportType.RDMA, 4 * MIB, 512, 4 * MIB, 4096);
        AtomicBoolean sourceCut = new AtomicBoolean();
        AtomicBoolean targetCut = new AtomicBoolean();
        source.onRead = bytes -> {
            if (bytes > MIB && sourceCut.compareAndSet(false, true)) {
                sourceSide.disconnectAll().subscribe();
            }
        };
        target.onWrite = bytes -> {
            if (bytes > 2 * MIB && targetCut.compareAndSet(false, true)) {
                targetSide.disconnectAll().subscribe();
            }
        };

        assertThat(run("--verify", "--checkpoint", "1M")).as(output()).isZero();

        assertThat(to()).startsWith("nvme+rdma://");
        assertThat(err.toString()).contains("source is back after").contains("target is back after");
        assertThat(target.get(0, 4 * MIB)).isEqualTo(source.get(0, 4 * MIB));
    }

    @Test
    void memoryIsBoundedByTheTwoWindowsWhenTheTargetIsSlow() {
        listen(8 * MIB, 4096, 8 * MIB, 4096);
        AtomicLong mostAhead = new AtomicLong();
        source.onRead = bytes -> mostAhead.accumulateAndGet(bytes - target.bytesWritten.get(), Math::max);
        target.beforeWrite = Mono.delay(Duration.ofMillis(5));

        assertThat(run("--window", "4", "--chunk", "64K")).as(output()).isZero();

        assertThat(mostAhead.get()).isBetween(4L * 65_536, (2 * 4 + 1) * 65_536L);
        assertThat(out.toString()).contains("at most 262,144 bytes in reads and 262,144 bytes in writes at a time");
    }

    @Test
    void bytesPassNoFasterThanTheLimit() {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        long start = System.nanoTime();

        assertThat(run("--limit", "4M")).as(output()).isZero();

        // 2 MiB but for the first slice of a tenth of a second, at 4 MiB/s
        assertThat(System.nanoTime() - start)
                .isGreaterThan(Duration.ofMillis(390).toNanos());
    }

    @Test
    void aCutOfTheSourceIsToldAndSurvived() {
        listen(4 * MIB, 4096, 4 * MIB, 4096);
        AtomicBoolean cut = new AtomicBoolean();
        source.onRead = bytes -> {
            if (bytes > 2 * MIB && cut.compareAndSet(false, true)) {
                sourceSide.disconnectAll().subscribe();
            }
        };

        assertThat(run("--verify", "--checkpoint", "1M")).as(output()).isZero();

        assertThat(cut).isTrue();
        assertThat(err.toString()).contains("source lost").contains("source is back after");
        assertThat(out.toString()).contains("copied 4,194,304 bytes");
        assertThat(target.get(0, 4 * MIB)).isEqualTo(source.get(0, 4 * MIB));
    }

    /** What the target had in its cache may be lost when it comes back: such a part does not count. */
    @Test
    void aPartDuringWhichTheTargetWasAwayIsCopiedAgain() {
        listen(4 * MIB, 4096, 4 * MIB, 4096);
        AtomicBoolean cut = new AtomicBoolean();
        target.onWrite = bytes -> {
            if (bytes > 2 * MIB && cut.compareAndSet(false, true)) {
                targetSide.disconnectAll().subscribe();
            }
        };

        assertThat(run("--verify", "--checkpoint", "2M")).as(output()).isZero();

        assertThat(cut).isTrue();
        assertThat(err.toString())
                .contains("target lost")
                .contains("target is back after")
                .contains("2,097,152 bytes are copied again");
        assertThat(out.toString()).contains("copied 6,291,456 bytes").contains("read back 4,194,304 bytes");
        assertThat(target.get(0, 4 * MIB)).isEqualTo(source.get(0, 4 * MIB));
    }

    @Test
    void aTargetThatStaysAwayEndsTheCopyWithOneLineThatSaysHowToGoOn() {
        listen(4 * MIB, 4096, 4 * MIB, 4096);
        AtomicBoolean cut = new AtomicBoolean();
        target.onWrite = bytes -> {
            if (bytes > 2 * MIB && cut.compareAndSet(false, true)) {
                targetSide.disconnectAll().subscribe();
            }
        };

        int exit = execute(from(), to() + "&recovery=none", "--state", state.toString(), "--checkpoint", "1M");

        assertThat(exit).isEqualTo(ReplicateCommand.FAILED);
        assertThat(err.toString().lines().filter(line -> line.startsWith("failed: ")))
                .singleElement()
                .asString()
                .contains("the same command goes on where " + state + " says");
        assertThat(state).exists();
        assertThat(run("--verify")).as(output()).isZero();
        assertThat(out.toString()).contains("going on at");
    }
}
