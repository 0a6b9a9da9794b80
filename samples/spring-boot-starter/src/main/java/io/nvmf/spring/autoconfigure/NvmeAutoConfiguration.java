package io.nvmf.spring.autoconfigure;

import io.nvmf.security.Security;
import io.nvmf.spring.NvmeClientCustomizer;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.connection.ConnectionLifecycle;
import io.nvmf.spring.connection.ConnectionsByName;
import io.nvmf.spring.properties.NvmeProperties;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import reactor.netty.resources.LoopResources;

/**
 * The connections that {@code nvmf.*} describes, with what they have in common: event loops and their part in the life
 * cycle of the application. Connections with names of their own are made by {@link NvmeNamedClientsAutoConfiguration}.
 */
@AutoConfiguration
@ConditionalOnProperty(name = "nvmf.enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(NvmeProperties.class)
@Import({
    EventLoopsConfiguration.class,
    SecurityConfiguration.class,
    StreamOptionsConfiguration.class,
    TargetConfiguration.class,
    DefaultConnectionConfiguration.class
})
public class NvmeAutoConfiguration {

    /** For the container. */
    public NvmeAutoConfiguration() {}

    @Bean
    NvmeClients nvmfClients(
            NvmeProperties properties,
            ObjectProvider<NvmeConnectionDetails> details,
            ObjectProvider<NvmeClientCustomizer> customizers,
            Security security,
            @Qualifier(NvmeBeans.LOOPS) LoopResources loops) {
        return new NvmeClients(properties, details, customizers, security, loops);
    }

    @Bean
    @ConditionalOnMissingBean
    NvmeConnections nvmfConnections(ListableBeanFactory beans) {
        return new ConnectionsByName(
                () -> beans.getBeansOfType(NvmeConnection.class).values());
    }

    @Bean
    ConnectionLifecycle nvmfConnectionLifecycle(NvmeConnections connections) {
        return new ConnectionLifecycle(connections);
    }
}
