package io.nvmf.samples.webflux.demo;

import io.nvmf.spring.NvmeConnectionDetails;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The controller in this process, and the way to it. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("gateway.demo")
class DemoConfiguration {

    @Bean(destroyMethod = "close")
    EmbeddedTarget embeddedTarget() {
        return EmbeddedTarget.start();
    }

    @Bean
    NvmeConnectionDetails embeddedTargetDetails(EmbeddedTarget target) {
        return target::uri;
    }
}
