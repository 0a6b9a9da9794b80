package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.boot3.NvmeHealthContributorAutoConfiguration;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.health.HealthContributorAutoConfiguration;
import org.springframework.boot.actuate.health.CompositeReactiveHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/** The health types of Spring Boot 3, for tests that run under all versions. */
final class BootHealth {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Ours first, then what it needs. */
    static final Class<?>[] CONFIGURATIONS = {
        NvmeHealthContributorAutoConfiguration.class, HealthContributorAutoConfiguration.class
    };

    /** What a check has said. */
    record Checked(String status, Map<String, Object> details) {}

    private BootHealth() {}

    static Checked check(Object contributor) {
        Health health = ((ReactiveHealthIndicator) contributor).health().block(LIMIT);
        return new Checked(health.getStatus().getCode(), health.getDetails());
    }

    static Object component(Object contributor, String name) {
        return ((CompositeReactiveHealthContributor) contributor).getContributor(name);
    }

    /** One of an application. */
    static Object own() {
        return (ReactiveHealthIndicator) Mono::empty;
    }
}
