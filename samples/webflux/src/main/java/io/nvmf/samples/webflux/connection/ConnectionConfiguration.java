package io.nvmf.samples.webflux.connection;

import io.nvmf.samples.webflux.GatewayProperties;
import io.nvmf.spring.NvmeConnection;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The connection's side of the application. */
@Configuration(proxyBeanMethods = false)
class ConnectionConfiguration {

    @Bean
    AssociationStatus associationStatus(NvmeConnection connection, GatewayProperties properties) {
        return new AssociationStatus(connection, properties.recoveryLimit(), Clock.systemUTC(), properties.demo());
    }

    @Bean
    Namespaces namespaces(NvmeConnection connection, AssociationStatus status) {
        return new Namespaces(connection, status);
    }
}
