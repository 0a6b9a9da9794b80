package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs over NVMe/RDMA: what differs is the address. */
class RdmaRunTest extends CommandLineRun {

    private void listen() {
        target = NvmeTarget.create()
                .transport(TransportType.RDMA)
                .subsystem(NQN, subsystem -> subsystem.namespace(1, BlockStore.memory(SIZE, BLOCK_SIZE)))
                .bind()
                .block();
    }

    @ParameterizedTest
    @CsvSource({
        "queue-pair, randrw",
        "namespace, randrw",
        "stream, write",
    })
    void whatWasWrittenIsVerified(String path, String pattern) {
        listen();

        assertThat(run("--path", path, "-w", pattern, "-q", "4", "-P", "2", "--loops", "1", "--verify"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
        assertThat(out.toString()).contains("nvme+rdma://");
    }

    @Test
    void optionsOfTheClientAreInTheAddressOrBesideIt() {
        listen();
        String address = target.uri(NQN) + "?mulpdu=1440#ns=1";

        assertThat(execute("-r", address, "--option", "crc=false", "--option", "rdma-provider=none", "-t", "1"))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("no provider of RDMA with the name 'none'");
        assertThat(execute("-r", address, "--option", "crc=false", "-t", "1", "-a", "0"))
                .as(err.toString())
                .isZero();
    }

    @Test
    void embeddedTargetTakesOptionsOfItsTransport() {
        assertThat(execute(
                        "--target",
                        "embedded",
                        "--transport",
                        "rdma",
                        "--option",
                        "crc=false",
                        "--target-option",
                        "crc=false",
                        "--target-option",
                        "mulpdu=1440",
                        "-t",
                        "1",
                        "-a",
                        "0",
                        "-q",
                        "2000"))
                .as(err.toString())
                .isZero();
        assertThat(number("I/Os")).isPositive();
        assertThat(out.toString()).contains("nvme+rdma://");
    }
}
