package io.nvmf.samples.webflux.transfer;

import io.nvmf.samples.webflux.GatewayProperties;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One list of transfers and one of writes for the whole gateway. */
@Configuration(proxyBeanMethods = false)
class TransferConfiguration {

    @Bean
    Transfers transfers() {
        return new Transfers();
    }

    @Bean
    Writes writes(GatewayProperties properties) {
        return new Writes(properties.exclusive(), Clock.systemUTC());
    }
}
