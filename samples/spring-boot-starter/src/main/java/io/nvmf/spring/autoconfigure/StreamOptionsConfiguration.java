package io.nvmf.spring.autoconfigure;

import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.StreamMapping;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Options for those who open streams; nothing uses them by itself. */
@Configuration(proxyBeanMethods = false)
class StreamOptionsConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ReadStreamOptions nvmfReadStreamOptions(NvmeProperties properties) {
        return new StreamMapping(properties.stream()).read();
    }

    @Bean
    @ConditionalOnMissingBean
    WriteStreamOptions nvmfWriteStreamOptions(NvmeProperties properties) {
        return new StreamMapping(properties.stream()).write();
    }
}
