package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.netty.buffer.ByteBuf;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.observation.micrometer.ConnectObservationContext;
import io.nvmf.observation.micrometer.DefaultConnectObservationConvention;
import io.nvmf.observation.micrometer.MicrometerObserver;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Meters and observations are there because their registries are, and only then. */
class ObservabilityTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> observed = new CopyOnWriteArrayList<>();
    private final ObservationRegistry observations = ObservationRegistry.create();

    private final ApplicationContextRunner runner = Contexts.embedded()
            .withConfiguration(
                    AutoConfigurations.of(NvmeObservationsAutoConfiguration.class, NvmeMetricsAutoConfiguration.class));

    ObservabilityTest() {
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStop(Observation.Context context) {
                observed.add(context.getName());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
    }

    private static void read(NvmeConnection connection) {
        connection
                .namespace(1)
                .flatMapMany(namespace -> namespace.readStream(0, 4096))
                .doOnNext(ByteBuf::release)
                .blockLast(LIMIT);
    }

    @Test
    void clientsHaveTheirMetersInTheRegistryOfTheApplication() {
        runner.withBean(MeterRegistry.class, () -> meters).run(context -> {
            read(context.getBean(NvmeConnection.class));
            assertThat(meters.getMeters())
                    .extracting(meter -> meter.getId().getName())
                    .contains("nvmf.client.commands", "nvmf.client.bytes", "nvmf.client.inflight");
        });
    }

    @Test
    void clientsAreObservedByTheRegistryOfTheApplication() {
        runner.withBean(ObservationRegistry.class, () -> observations).run(context -> {
            read(context.getBean(NvmeConnection.class));
            await().untilAsserted(() -> assertThat(observed).contains("nvmf.connect", "nvmf.transfer"));
            assertThat(observed).doesNotContain("nvmf.command");
        });
    }

    @Test
    void eachCommandIsObservedIfWanted() {
        runner.withBean(ObservationRegistry.class, () -> observations)
                .withPropertyValues("nvmf.observations.commands=true")
                .run(context -> {
                    read(context.getBean(NvmeConnection.class));
                    await().untilAsserted(() -> assertThat(observed).contains("nvmf.command"));
                });
    }

    @Test
    void aConventionOfTheApplicationNamesItsObservations() {
        DefaultConnectObservationConvention own = new DefaultConnectObservationConvention() {
            @Override
            public String getName() {
                return "storage.connect";
            }

            @Override
            public String getContextualName(ConnectObservationContext context) {
                return "storage";
            }
        };
        runner.withBean(ObservationRegistry.class, () -> observations)
                .withBean("mine", DefaultConnectObservationConvention.class, () -> own)
                .run(context -> await().untilAsserted(() -> assertThat(observed).contains("storage.connect")));
    }

    @Test
    void theyAreOffByTheirPropertiesAndWithoutRegistriesAndWithoutMicrometer() {
        runner.run(context -> assertThat(context)
                .doesNotHaveBean(MicrometerObserver.class)
                .doesNotHaveBean(MicrometerRecorder.class));
        runner.withBean(MeterRegistry.class, () -> meters)
                .withBean(ObservationRegistry.class, () -> observations)
                .withPropertyValues("nvmf.observations.enabled=false", "nvmf.metrics.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(MicrometerObserver.class)
                        .doesNotHaveBean(MicrometerRecorder.class));
        runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run(context -> {
            assertThat(context).hasNotFailed();
            read(context.getBean(NvmeConnection.class));
        });
    }
}
