package io.nvmf.spring.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Import;

/**
 * The connections that {@code nvmf.clients.<name>.*} describe. After everything that gives way to beans of the same
 * types.
 */
@AutoConfiguration(after = NvmeAutoConfiguration.class)
@ConditionalOnBean(NvmeClients.class)
@Import(NamedClientsRegistrar.class)
public class NvmeNamedClientsAutoConfiguration {

    /** For the container. */
    public NvmeNamedClientsAutoConfiguration() {}
}
