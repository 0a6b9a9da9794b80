package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.endpoint.NvmeInfoContributor;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** What the endpoint {@code info} of the actuator says of connections. */
@AutoConfiguration(after = NvmeNamedClientsAutoConfiguration.class)
@ConditionalOnClass({InfoContributor.class, ConditionalOnEnabledInfoContributor.class})
@ConditionalOnEnabledInfoContributor("nvmf")
@Conditional(OnAnyConnection.class)
public class NvmeInfoContributorAutoConfiguration {

    /** For the container. */
    public NvmeInfoContributorAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    NvmeInfoContributor nvmfInfoContributor(NvmeConnections connections) {
        return new NvmeInfoContributor(connections);
    }
}
