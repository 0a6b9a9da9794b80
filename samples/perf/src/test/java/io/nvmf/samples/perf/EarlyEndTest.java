package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EarlyEndTest extends CommandLineRun {

    private static final String LONG = "3600";

    @ParameterizedTest
    @ValueSource(strings = {"queue-pair", "namespace", "stream"})
    void whatWasMeasuredUntilThenIsReported(String path) throws Exception {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));
        EarlyEnd earlyEnd = new EarlyEnd();
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> execute(
                earlyEnd, "-r", target.uri(NQN).toString(), "--path", path, "-w", "read", "-a", "0", "-t", LONG));
        exit.thenRun(earlyEnd::reported);
        Awaitility.await().until(() -> err.toString().contains("IOPS"));

        earlyEnd.endNow();

        assertThat(exit.get(30, TimeUnit.SECONDS)).as(err.toString()).isZero();
        assertThat(number("I/Os")).isPositive();
    }

    @Test
    void nothingIsWaitedForBeforeThereIsSomethingToReport() {
        EarlyEnd earlyEnd = new EarlyEnd();

        earlyEnd.endNow();

        assertThat(earlyEnd.wished()).isCompleted();
    }
}
