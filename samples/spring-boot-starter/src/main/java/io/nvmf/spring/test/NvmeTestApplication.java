package io.nvmf.spring.test;

import io.nvmf.spring.autoconfigure.NvmeAutoConfiguration;
import io.nvmf.spring.autoconfigure.NvmeNamedClientsAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/** What a {@link NvmeTest} has besides its own. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({NvmeAutoConfiguration.class, NvmeNamedClientsAutoConfiguration.class})
class NvmeTestApplication {}
