package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.connection.EventLoopsFactory;
import io.nvmf.spring.properties.LoopMapping;
import io.nvmf.spring.properties.NvmeProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The threads of all clients. Not those of the web server: these end before the beans are destroyed, and would take the
 * connections with them.
 */
@Configuration(proxyBeanMethods = false)
class EventLoopsConfiguration {

    /** Only for those who ask for it by name: it must not be taken for the loops of something else. */
    @Bean(name = NvmeBeans.LOOPS, defaultCandidate = false)
    @ConditionalOnMissingBean(name = NvmeBeans.LOOPS)
    EventLoopsFactory nvmfLoopResources(NvmeProperties properties) {
        return new EventLoopsFactory(new LoopMapping(properties.loops()).settings());
    }
}
