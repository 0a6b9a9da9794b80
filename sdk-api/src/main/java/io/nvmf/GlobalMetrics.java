package io.nvmf;

import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.metrics.micrometer.MicrometerRecorder;

/** The way to Micrometer, in a class of its own, so that it is looked for only when it is asked for. */
final class GlobalMetrics {

    private GlobalMetrics() {}

    /**
     * What measures in the global registry.
     *
     * @throws UnsupportedOperationException if Micrometer is not there
     */
    static MetricsRecorder recorder() {
        try {
            return MicrometerRecorder.global();
        } catch (NoClassDefFoundError missing) {
            throw new UnsupportedOperationException(
                    "metrics need Micrometer: add io.micrometer:micrometer-core to the class path,"
                            + " or on the module path the module micrometer.core to those that are resolved",
                    missing);
        }
    }
}
