package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import reactor.core.publisher.Mono;

/** Runs of a second, through the command line. */
class LoadRunTest {

    private static final String NQN = "nqn.2026-01.io.nvmf:perf-test";
    private static final int BLOCK_SIZE = 4096;
    private static final long SIZE = 1 << 20;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private BoundTarget target;

    @AfterEach
    void closeTarget() {
        if (target != null) {
            target.close().block();
        }
    }

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

    @ParameterizedTest
    @ValueSource(strings = {"queue-pair", "namespace"})
    void rateIsKept(String path) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run("--path", path, "--rate", "500", "-P", "2", "-a", "1"))
                .as(err.toString())
                .isZero();
        assertThat(number("IOPS")).isBetween(400L, 600L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"queue-pair", "namespace", "stream"})
    void failingIoEndsTheRunInOneLine(String path) {
        listen(new Store() {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                return Mono.error(new IOException("medium error"));
            }
        });

        assertThat(run("--path", path, "-w", "read")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("failed: ").contains("2/81h").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({"-o 512, block size 4096", "-o 2M, 1048576 bytes of one command", "-q 500, not 500", "-P 17, 17"})
    void whatTheNamespaceCannotDoIsSaid(String options, String named) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run(options.split(" "))).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).startsWith("failed: ").contains(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--io nio", "--loops 1", "--poll --loops 1", "--poll 20"})
    void eventLoopsAreChosen(String options) {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run(options.split(" "))).as(err.toString()).isZero();
        assertThat(number("I/Os")).isPositive();
    }

    @Test
    void digestsAndJson() {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));

        assertThat(run("-H", "-I", "--json")).as(err.toString()).isZero();
        assertThat(out.toString().strip())
                .startsWith("{\"pattern\":\"randread\"")
                .endsWith("}");
    }

    @Test
    void embeddedTargetIsAnotherProcessAndGoesWithTheRun() {
        assertThat(PerfCommand.commandLine(new PerfCommand())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(
                                "--target",
                                "embedded",
                                "--target-poll",
                                "-t",
                                "1",
                                "-a",
                                "0",
                                "-q",
                                "4",
                                "-w",
                                "read",
                                "--verify"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
    }

    private void listen(BlockStore store) {
        target = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bind()
                .block();
    }

    private int run(String... options) {
        List<String> all = new ArrayList<>(List.of("-r", target.uri(NQN).toString(), "-t", "1"));
        if (!List.of(options).contains("-a")) {
            all.addAll(List.of("-a", "0"));
        }
        all.addAll(List.of(options));
        return PerfCommand.commandLine(new PerfCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    private long number(String name) {
        String line = out.toString()
                .lines()
                .filter(text -> text.startsWith(name))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(name.length()).strip().replace(",", ""));
    }

    /** A store in memory for tests to change. */
    private static class Store extends DelegatingBlockStore {

        Store() {
            super(BlockStore.memory(SIZE, BLOCK_SIZE));
        }
    }
}
