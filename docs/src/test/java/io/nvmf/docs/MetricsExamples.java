package io.nvmf.docs;

import io.micrometer.core.instrument.MeterRegistry;
import io.nvmf.NvmeClient;
import io.nvmf.metrics.micrometer.MicrometerRecorder;

/** docs/guide.md, "Metrics". */
final class MetricsExamples {

    private MetricsExamples() {}

    static NvmeClient measured(String authority, MeterRegistry registry) {
        NvmeClient client = NvmeClient.from("nvme+tcp://" + authority + "/nqn.2026-01.com.example:disk")
                .metrics(MicrometerRecorder.of(registry));
        return client;
    }
}
