package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over NVMe/RDMA a subsystem says the same. */
class RdmaTest {

    private static final String NQN = "nqn.2026-01.io.nvmf:inspect-rdma";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private BoundTarget target;

    @BeforeEach
    void listen() {
        target = NvmeTarget.memory(NQN, 64 << 20, 4096)
                .transport(TransportType.RDMA)
                .bind()
                .block();
    }

    @AfterEach
    void close() {
        target.close().block();
    }

    @ParameterizedTest
    @CsvSource({
        "discover, rdma",
        "list, 4096",
        "id-ctrl, nvmf-sdk",
        "logs, smart",
    })
    void subsystemsAreInspected(String command, String expected) {
        int exit = InspectCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(command, target.uri(NQN).toString());

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString()).containsIgnoringCase(expected);
    }
}
