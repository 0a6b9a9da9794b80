package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.BlockRange;
import io.nvmf.command.ByteRange;
import io.nvmf.command.Command;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the controller refuses says where it was. */
class FailedRangeTest extends WriteStreamHarness {

    private static final ByteRange BYTES = new ByteRange(4 * BLOCK, 2 * BLOCK);

    @BeforeEach
    void blockFourIsBad() {
        fixture.controller.statusAt.put(4L, Status.of(StatusCode.INTERNAL_ERROR));
    }

    private static void assertPlace(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, status -> {
            assertThat(status.blocks()).contains(new BlockRange(4, 2));
            assertThat(status.bytes()).contains(BYTES);
            assertThat(status).hasMessageContaining("LBA 4..5").hasMessageContaining("bytes [2048, 3072)");
        });
    }

    @Test
    void singleCommandsNameTheirBlocksAndBytes() {
        Recorder<Object> recorder = new Recorder<>(1);
        fixture.namespace.read(4, 2).cast(Object.class).subscribe(recorder);
        Recorder<Void> writing = new Recorder<>(1);
        fixture.namespace.write(4, fixture.data(2 * BLOCK)).subscribe(writing);
        fixture.pump();
        assertPlace(recorder.errors.get(0));
        assertPlace(writing.errors.get(0));
    }

    @Test
    void streamsNameTheBlocksAndBytesOfTheCommandThatFailed() {
        Recorder<TransferProgress> writing = write(0, source(16 * BLOCK), BY_BLOCK.chunkSize(2 * BLOCK));
        assertPlace(cause(writing));
        assertThat(writing.errors.get(0)).hasMessageContaining("LBA 4..5");
        Recorder<ByteBuf> reading = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .readStream(0, 16 * BLOCK, ReadStreamOptions.defaults().chunkSize(2 * BLOCK))
                .subscribe(reading);
        fixture.pump();
        assertPlace(reading.errors.get(0));
        reading.elements.forEach(ByteBuf::release);
        assertNothingHeld();
    }

    @Test
    void commandsOfAQueueNameTheirBlocks() {
        Recorder<Object> recorder = new Recorder<>(1);
        fixture.queue
                .execute(Command.nvm(NvmOpcode.READ, 7).range(4, 1).receive(BLOCK))
                .cast(Object.class)
                .subscribe(recorder);
        fixture.pump();
        assertThat(recorder.errors.get(0)).isInstanceOfSatisfying(NvmeStatusException.class, status -> {
            assertThat(status.blocks()).contains(new BlockRange(4, 1));
            assertThat(status.bytes()).isEqualTo(Optional.empty());
            assertThat(status).hasMessageContaining("LBA 4:");
        });
    }

    @Test
    void commandsWithoutBlocksNameNone() {
        fixture.controller.flushStatus = Status.of(StatusCode.INTERNAL_ERROR);
        Recorder<Void> recorder = new Recorder<>(1);
        fixture.namespace.flush().subscribe(recorder);
        fixture.pump();
        assertThat(((NvmeStatusException) recorder.errors.get(0)).blocks()).isEmpty();
    }
}
