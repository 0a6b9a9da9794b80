package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import reactor.core.publisher.Mono;

/** What can be asked of a run, and how it ends when that cannot be. */
class LoadRunOptionsTest extends CommandLineRun {

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

    @Test
    void whatTheClientSendsAndReceivesIsCaptured(@TempDir Path directory) throws IOException {
        listen(BlockStore.nullBlocks(1L << 30, BLOCK_SIZE));
        Path file = directory.resolve("run.pcapng");

        assertThat(run("--capture", file.toString(), "-q", "1"))
                .as(err.toString())
                .isZero();

        assertThat(file).exists();
        await().untilAsserted(() -> assertThat(Files.size(file)).isGreaterThan(10_000));
        assertThat(Files.readAllBytes(file)).startsWith(0x0A, 0x0D, 0x0D, 0x0A);
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
        assertThat(execute(
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
}
