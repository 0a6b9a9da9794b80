package io.nvmf.samples.webflux.event;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.nvmf.samples.webflux.connection.AssociationStatus;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.spring.NvmeConnection;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

/** Events and the one thread that tells them. */
@Configuration(proxyBeanMethods = false)
class EventConfiguration {

    @Bean(destroyMethod = "dispose")
    Scheduler gatewayEvents() {
        // A thread that may wait for a moment, as percentiles do for those who are writing them.
        CustomizableThreadFactory threads = new CustomizableThreadFactory("gateway-events-");
        threads.setDaemon(true);
        return Schedulers.newSingle(threads);
    }

    @Bean
    EventHub eventHub(@Qualifier("gatewayEvents") Scheduler scheduler, JsonMapper json) {
        return new EventHub(scheduler, json);
    }

    @Bean
    MeterFilter commandPercentiles() {
        return new CommandPercentiles();
    }

    @Bean
    Rates rates(MeterRegistry registry, Transfers transfers) {
        return new MeterRates(registry, transfers);
    }

    @Bean
    EventSources eventSources(
            EventHub hub,
            @Qualifier("gatewayEvents") Scheduler scheduler,
            NvmeConnection connection,
            AssociationStatus status,
            Transfers transfers,
            Rates rates) {
        return new EventSources(hub, scheduler, connection, status, transfers, rates);
    }
}
