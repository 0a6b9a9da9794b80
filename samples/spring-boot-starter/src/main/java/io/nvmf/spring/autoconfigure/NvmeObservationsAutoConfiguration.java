package io.nvmf.spring.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.nvmf.observation.micrometer.CommandObservationConvention;
import io.nvmf.observation.micrometer.ConnectObservationConvention;
import io.nvmf.observation.micrometer.DiscoveryObservationConvention;
import io.nvmf.observation.micrometer.MicrometerObserver;
import io.nvmf.observation.micrometer.RecoveryObservationConvention;
import io.nvmf.observation.micrometer.TransferObservationConvention;
import io.nvmf.spring.NvmeClientCustomizer;
import io.nvmf.spring.properties.NvmeProperties;
import java.util.function.BiFunction;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** All clients are observed by the registry of the application, so traces have connects, recoveries and transfers. */
@AutoConfiguration(
        after = NvmeNamedClientsAutoConfiguration.class,
        // of Spring Boot 4 and 3
        afterName = {
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.observation.ObservationAutoConfiguration"
        })
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({NvmeClients.class, ObservationRegistry.class})
@ConditionalOnProperty(name = "nvmf.observations.enabled", havingValue = "true", matchIfMissing = true)
public class NvmeObservationsAutoConfiguration {

    /** For the container. */
    public NvmeObservationsAutoConfiguration() {}

    /** Conventions of the application replace those of the SDK. */
    @Bean
    @ConditionalOnMissingBean
    MicrometerObserver nvmfObserver(
            ObservationRegistry registry,
            NvmeProperties properties,
            ObjectProvider<ConnectObservationConvention> connect,
            ObjectProvider<DiscoveryObservationConvention> discovery,
            ObjectProvider<RecoveryObservationConvention> recovery,
            ObjectProvider<TransferObservationConvention> transfer,
            ObjectProvider<CommandObservationConvention> command) {
        MicrometerObserver observer = MicrometerObserver.of(registry)
                .commands(properties.observations().commands());
        observer = with(observer, connect, MicrometerObserver::connectConvention);
        observer = with(observer, discovery, MicrometerObserver::discoveryConvention);
        observer = with(observer, recovery, MicrometerObserver::recoveryConvention);
        observer = with(observer, transfer, MicrometerObserver::transferConvention);
        return with(observer, command, MicrometerObserver::commandConvention);
    }

    private static <C> MicrometerObserver with(
            MicrometerObserver observer,
            ObjectProvider<C> convention,
            BiFunction<MicrometerObserver, C, MicrometerObserver> set) {
        C own = convention.getIfAvailable();
        return own == null ? observer : set.apply(observer, own);
    }

    /** First, so that those of the application can set another observer. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    NvmeClientCustomizer nvmfObservationCustomizer(MicrometerObserver observer) {
        return (client, name) -> client.observation(observer);
    }
}
