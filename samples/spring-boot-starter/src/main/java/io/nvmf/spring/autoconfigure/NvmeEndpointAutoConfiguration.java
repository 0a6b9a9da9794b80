package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.endpoint.NvmeEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** The endpoint {@code nvmf} of the actuator, where it is exposed. */
@AutoConfiguration(after = NvmeNamedClientsAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnAvailableEndpoint(NvmeEndpoint.class)
@Conditional(OnAnyConnection.class)
public class NvmeEndpointAutoConfiguration {

    /** For the container. */
    public NvmeEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    NvmeEndpoint nvmfEndpoint(NvmeConnections connections) {
        return new NvmeEndpoint(connections);
    }
}
