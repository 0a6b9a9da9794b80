package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.health.ConnectionHealth;
import io.nvmf.spring.health.HealthReport;
import io.nvmf.spring.properties.HealthMapping;
import io.nvmf.spring.properties.NvmeProperties;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeReactiveHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import reactor.core.publisher.Mono;

/** The health contributor {@code nvmf} of Spring Boot 4, whose health types are where Spring Boot 3 has none. */
@AutoConfiguration(after = NvmeNamedClientsAutoConfiguration.class)
@ConditionalOnClass({ReactiveHealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("nvmf")
@Conditional(OnAnyConnection.class)
public class NvmeHealthContributorAutoConfiguration {

    /** For the container. */
    public NvmeHealthContributorAutoConfiguration() {}

    /** One component for one connection, and one with components for several. */
    @Bean
    @ConditionalOnMissingBean(name = "nvmfHealthContributor")
    ReactiveHealthContributor nvmfHealthContributor(NvmeConnections connections, NvmeProperties properties) {
        HealthMapping mapping = new HealthMapping(properties.health());
        Map<String, ReactiveHealthIndicator> indicators = new LinkedHashMap<>();
        connections.all().forEach((name, connection) -> indicators.put(name, indicator(mapping.health(connection))));
        return indicators.size() == 1
                ? indicators.values().iterator().next()
                : CompositeReactiveHealthContributor.fromMap(indicators);
    }

    private static ReactiveHealthIndicator indicator(ConnectionHealth health) {
        return new ReactiveHealthIndicator() {
            @Override
            public Mono<Health> health() {
                return health.check().map(NvmeHealthContributorAutoConfiguration::health);
            }
        };
    }

    private static Health health(HealthReport report) {
        Health.Builder builder = new Health.Builder(new Status(report.verdict().name()), report.details());
        return (report.failure() == null ? builder : builder.withException(report.failure())).build();
    }
}
