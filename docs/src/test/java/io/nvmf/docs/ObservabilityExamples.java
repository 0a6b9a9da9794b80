package io.nvmf.docs;

import io.micrometer.common.KeyValues;
import io.micrometer.context.ContextRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.nvmf.NvmeClient;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.observation.micrometer.DefaultTransferObservationConvention;
import io.nvmf.observation.micrometer.MicrometerObserver;
import io.nvmf.observation.micrometer.TransferObservationContext;
import org.slf4j.MDC;
import reactor.core.publisher.Hooks;

/** docs/observability.md, and docs/guide.md, "Observations". */
final class ObservabilityExamples {

    private ObservabilityExamples() {}

    static NvmeClient measured(NvmeClient client, MeterRegistry meters, ObservationRegistry observations) {
        return client.metrics(MicrometerRecorder.of(meters)).observation(MicrometerObserver.of(observations));
    }

    static NvmeClient observed(NvmeClient client, ObservationRegistry observations) {
        return client.observation(MicrometerObserver.of(observations));
    }

    static MicrometerObserver named(ObservationRegistry observations) {
        return MicrometerObserver.of(observations).transferConvention(new DefaultTransferObservationConvention() {
            @Override
            public KeyValues getLowCardinalityKeyValues(TransferObservationContext context) {
                return super.getLowCardinalityKeyValues(context).and("team", "backup");
            }
        });
    }

    static void propagateMdc(String key) {
        ContextRegistry.getInstance()
                .registerThreadLocalAccessor(
                        key, () -> MDC.get(key), value -> MDC.put(key, value), () -> MDC.remove(key));
        Hooks.enableAutomaticContextPropagation(); // spring.reactor.context-propagation=auto in Spring Boot
    }
}
