package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.ByteRange;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadModifyWriteTest extends WriteStreamHarness {

    @ParameterizedTest
    @CsvSource({
        "100, 5000, '0+1r 0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1 8+1 9+1r 9+1'",
        "100, 412, '0+1r 0+1'",
        "0, 600, '0+1 1+1r 1+1'",
        "0, 10, '0+1r 0+1'",
        "100, 10, '0+1r 0+1'",
        "612, 411, '1+1r 1+1'",
        "500, 24, '0+1r 0+1 1+1r 1+1'",
        "512, 512, '1+1'",
        "32760, 8, '63+1r 63+1'",
    })
    void readModifyWriteKeepsWhatIsAroundTheSource(int offset, int length, String expected) {
        Recorder<TransferProgress> recorder = write(offset, source(length), MERGE);
        assertThat(recorder.errors).isEmpty();
        assertThat(recorder.last().bytesWritten()).isEqualTo(length);
        assertThat(recorder.last().bytesAcknowledged()).isEqualTo(length);
        assertMedia(offset, length);
        assertThat(fixture.controller.wire.stream()
                        .map(sent -> sent.slba() + "+" + sent.blocks() + (sent.opcode() == 2 ? "r" : "")))
                .containsExactlyInAnyOrder(expected.split(" "));
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void readModifyWriteOfSmallBuffers(long seed) {
        Random random = new Random(seed);
        int[] sizes = IntStream.range(0, 50).map(i -> random.nextInt(600)).toArray();
        int offset = random.nextInt(1000);
        int length = Math.min(Arrays.stream(sizes).sum(), 32_768 - offset);
        Recorder<TransferProgress> recorder =
                write(offset, source(sizes), MERGE.chunkSize(3 * BLOCK).durability(Durability.FUA));
        assertThat(recorder.errors).isEmpty();
        assertMedia(offset, length);
        assertThat(recorder.last().bytesWritten()).isEqualTo(length);
        assertNothingHeld();
    }

    @Test
    void readModifyWriteWithASingleCommandInFlight() {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(100, source(10, 20, 600, 1000), MERGE.window(1));
        while (fixture.controller.outstanding() > 0) {
            assertThat(fixture.controller.outstanding()).isOne();
            fixture.answer(0);
        }
        assertThat(recorder.completes).isOne();
        assertThat(recorder.last().peakBytesInFlight()).isEqualTo(BLOCK);
        assertMedia(100, 1630);
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 2})
    void failedReadOfAnEdgeFailsTheStream(long lba) {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(100, source(1000), MERGE);
        fixture.controller.statusAt.put(lba, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        while (fixture.controller.outstanding() > 0) {
            fixture.answer(0);
        }
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isEqualTo(lba == 0 ? 0 : 924);
        assertThat(report.inDoubt()).isEmpty();
        assertThat(cause(recorder)).isInstanceOf(NvmeStatusException.class);
        assertNothingHeld();
    }

    @Test
    void inDoubtOfAnEdgeIsTheWholeBlock() {
        fixture.controller.statusAt.put(3L, Status.of(StatusCode.INTERNAL_ERROR));
        Recorder<TransferProgress> recorder = write(3 * BLOCK, source(10), MERGE.durability(Durability.NONE));
        assertThat(cause(recorder)).isInstanceOf(NvmeStatusException.class);
        fixture.controller.statusAt.clear();
        fixture.controller.hold = true;
        recorder = write(3 * BLOCK + 1, source(10), MERGE);
        fixture.answer(0);
        fixture.cut();
        assertThat(report(recorder).inDoubt()).containsExactly(new ByteRange(3 * BLOCK, BLOCK));
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void cancelDuringReadModifyWriteReleasesEverything(int answered) {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(100, source(1000), MERGE);
        IntStream.range(0, answered).forEach(i -> fixture.answer(0));
        recorder.cancel();
        fixture.pump();
        fixture.answerAll();
        assertNothingHeld();
        assertThat(recorder.isDone()).isFalse();
    }
}
