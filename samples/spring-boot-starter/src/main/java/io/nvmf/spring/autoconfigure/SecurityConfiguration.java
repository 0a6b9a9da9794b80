package io.nvmf.spring.autoconfigure;

import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.SecurityMapping;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What protects all connections. Without properties it is nothing. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Security nvmfSecurity(NvmeProperties properties, BeanFactory beans) {
        return new SecurityMapping(properties.security(), name -> beans.getBean(name, KeyProvider.class)).security();
    }
}
