package io.nvmf.spring.autoconfigure;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.PropertiesConnectionDetails;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The connection that {@code nvmf.client.*} describes. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "nvmf.client.enabled", havingValue = "true", matchIfMissing = true)
@Conditional(OnDefaultConnection.class)
class DefaultConnectionConfiguration {

    @Bean
    @ConditionalOnMissingBean(NvmeConnectionDetails.class)
    PropertiesConnectionDetails nvmfConnectionDetails(NvmeProperties properties) {
        String name = NvmeConnection.DEFAULT_NAME;
        return new PropertiesConnectionDetails(name, NvmeBeans.prefix(name), properties.client());
    }

    @Bean(NvmeBeans.CLIENT)
    @ConditionalOnMissingBean
    NvmeClient nvmfClient(NvmeClients clients) {
        return clients.client(NvmeConnection.DEFAULT_NAME);
    }

    @Bean(NvmeBeans.CONNECTION)
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(NvmeClient.class)
    NvmeConnection nvmfConnection(NvmeClients clients, NvmeClient client) {
        return clients.connection(NvmeConnection.DEFAULT_NAME, client);
    }

    /**
     * Made when somebody wants it, who then waits for the connection. It is not followed by another one when it is
     * given up, other than that of the connection.
     */
    @Lazy
    @Bean(name = NvmeBeans.CONTROLLER, destroyMethod = "")
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(NvmeConnection.class)
    NvmeController nvmfController(NvmeClients clients, NvmeConnection connection) {
        return clients.controller(connection);
    }
}
