package io.nvmf.spring.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.spring.NvmeClientCustomizer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** All clients have their meters in the registry of the application. */
@AutoConfiguration(
        after = NvmeNamedClientsAutoConfiguration.class,
        // of Spring Boot 4 and 3
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({NvmeClients.class, MeterRegistry.class})
@ConditionalOnProperty(name = "nvmf.metrics.enabled", havingValue = "true", matchIfMissing = true)
public class NvmeMetricsAutoConfiguration {

    /** For the container. */
    public NvmeMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    MicrometerRecorder nvmfMetricsRecorder(MeterRegistry registry) {
        return MicrometerRecorder.of(registry);
    }

    /** First, so that those of the application can set another recorder. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    NvmeClientCustomizer nvmfMetricsCustomizer(MicrometerRecorder recorder) {
        return (client, name) -> client.metrics(recorder);
    }
}
