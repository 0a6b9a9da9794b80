package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.subsystem.BlockStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import reactor.core.publisher.Mono;

/** What a run does: it moves data, counts it, and looks at it. */
class LoadRunTest extends CommandLineRun {

    @ParameterizedTest
    @CsvSource({
        "queue-pair, randread, 4096",
        "queue-pair, randrw, 4096",
        "queue-pair, write, 16K",
        "namespace, randread, 4096",
        "namespace, randrw, 4096",
        "stream, read, 64K",
        "stream, write, 64K",
    })
    void everyPathMovesDataAndCountsIt(String path, String pattern, String ioSize) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run("--path", path, "-w", pattern, "-o", ioSize, "-q", "4", "-P", "2"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
        assertThat(number("IOPS")).isPositive();
        assertThat(out.toString())
                .contains(path + " path")
                .containsPattern("p99\\.9 [1-9][\\d.]*")
                .containsPattern("CPU per I/O +[\\d.]+ µs");
        assertThat(err.toString()).containsPattern("1 s +[\\d,]+ IOPS");
    }

    @ParameterizedTest
    @CsvSource({"queue-pair, randread", "namespace, randread", "stream, read"})
    void aClientThatMeasuresItselfIsNamedInTheReport(String path, String pattern) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run("--path", path, "-w", pattern, "--metrics", "meters"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
        assertThat(out.toString()).contains("with meters");
    }

    @ParameterizedTest
    @CsvSource({"queue-pair, randread", "namespace, randwrite", "stream, read"})
    void eachCommandOfAClientThatIsObservedIsAnObservation(String path, String pattern) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));
        long before = Metering.COUNTER.ended();

        assertThat(run("--path", path, "-w", pattern, "--metrics", "observations"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("with observations");
        assertThat(Metering.COUNTER.ended() - before).isGreaterThanOrEqualTo(number("I/Os"));
    }

    @Test
    void aClientThatIsNotObservedMakesNoObservations() {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));
        long before = Metering.COUNTER.ended();

        assertThat(run("--metrics", "off")).as(err.toString()).isZero();
        assertThat(out.toString()).doesNotContain("client");
        assertThat(Metering.COUNTER.ended()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "write"})
    void oneStreamUsesSeveralQueuePairs(String pattern) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run("--path", "stream", "-w", pattern, "-P", "2", "--streams", "1", "--loops", "2"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"queue-pair, randread", "namespace, randread", "stream, read"})
    void associationsShareTheLoad(String path, String pattern) {
        AtomicInteger most = new AtomicInteger();
        listen(new Store() {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                most.accumulateAndGet(target.controllers(), Math::max);
                return super.read(offset, length);
            }
        });

        assertThat(run("--path", path, "-w", pattern, "-q", "2", "-P", "2", "--associations", "5"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
        assertThat(out.toString())
                .contains("2 queue pairs in each of 5 associations")
                .containsPattern("set-up +5 associations in [\\d.]+ s, \\d+ threads")
                .containsPattern("idle each +[\\d.]+ KiB heap");
        assertThat(most).hasValue(5);
        Awaitility.await().until(() -> target.controllers() == 0);
    }

    @ParameterizedTest
    @CsvSource({
        "queue-pair, randrw",
        "queue-pair, read",
        "namespace, randrw",
        "namespace, write",
        "stream, write",
    })
    void whatWasWrittenIsVerified(String path, String pattern) {
        listen(BlockStore.memory(SIZE, BLOCK_SIZE));
        if (pattern.equals("read")) {
            assertThat(run("--path", "stream", "-w", "write", "--verify"))
                    .as(err.toString())
                    .isZero();
        }

        assertThat(run("--path", path, "-w", pattern, "-q", "4", "--verify"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains(", verified");
    }

    @ParameterizedTest
    @CsvSource({
        "queue-pair, randrw",
        "namespace, randrw",
        "stream, read",
    })
    void damageIsNoticed(String path, String pattern) {
        AtomicLong reads = new AtomicLong();
        Store store = new Store() {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                return super.read(offset, length).doOnNext(data -> {
                    if (reads.incrementAndGet() == 20) {
                        data.setByte(100, data.getByte(100) ^ 1);
                    }
                });
            }
        };
        listen(store);
        if (pattern.equals("read")) {
            assertThat(run("--path", "namespace", "-w", "randwrite", "--verify", "-o", "128K", "-q", "1"))
                    .as(err.toString())
                    .isZero();
        }

        assertThat(run("--path", path, "-w", pattern, "-q", "4", "--verify")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).containsPattern("failed: the data at byte \\d+ is \\p{XDigit}{16} instead of");
    }
}
