package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Transports other than the one that comes with the starter. */
class TransportsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void aConnectionOverRdmaIsOnTheEventLoopsOfTheApplication() {
        BoundTarget target = NvmeTarget.memory(Contexts.NQN, 1 << 20, 512)
                .transport(TransportType.RDMA)
                .bind()
                .block(LIMIT);
        try {
            Contexts.empty()
                    .withPropertyValues("nvmf.client.uri=" + target.uri(Contexts.NQN), "nvmf.client.options.crc=false")
                    .run(context -> {
                        String thread = context.getBean(NvmeConnection.class)
                                .namespace(1)
                                .flatMap(namespace -> namespace.read(0, 8).map(data -> {
                                    data.release();
                                    return Thread.currentThread().getName();
                                }))
                                .block(LIMIT);

                        assertThat(thread).startsWith("nvmf-loop");
                        assertThat(target.controllers()).isOne();
                    });
        } finally {
            target.close().block(LIMIT);
        }
    }

    /** The one in memory is not on the class path's list of transports, as RDMA is not without its module. */
    @Test
    void aTransportWithoutItsModuleStopsTheStartAndSaysSo() {
        Contexts.empty()
                .withPropertyValues(
                        "nvmf.client.uri=nvme+loop://somewhere:1/" + Contexts.NQN, "nvmf.client.startup-timeout=300ms")
                .run(context -> {
                    FailureAnalysis analysis = new NvmeFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis.getDescription())
                            .contains("no transport for LOOP at somewhere:1; is its module on the class path?");
                    assertThat(analysis.getAction()).contains("io.nvmf:nvmf-sdk-rdma");
                });
    }
}
