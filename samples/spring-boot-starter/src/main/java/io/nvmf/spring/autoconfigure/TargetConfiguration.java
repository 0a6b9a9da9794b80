package io.nvmf.spring.autoconfigure;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.security.Security;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.TargetMapping;
import io.nvmf.tcp.TcpOptions;
import java.time.Duration;
import java.util.Objects;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import reactor.netty.resources.LoopResources;

/** An embedded controller, for trying things out and for demonstrations: {@code nvmf.target.enabled=true}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("nvmf.target.enabled")
class TargetConfiguration {

    /** Listening takes milliseconds, unless a resolver is asked for a name. */
    private static final Duration BIND_TIMEOUT = Duration.ofSeconds(10);

    @Bean
    @ConditionalOnMissingBean
    NvmeTarget nvmfTarget(
            NvmeProperties properties, Security security, @Qualifier(NvmeBeans.LOOPS) LoopResources loops) {
        return new TargetMapping(properties.target())
                .target()
                .security(security)
                .option(TcpOptions.LOOP_RESOURCES, loops);
    }

    /** Closed after the connections, as they are when the phases of the life cycle are through. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    BoundTarget nvmfBoundTarget(NvmeTarget target) {
        return Objects.requireNonNull(target.bind().block(BIND_TIMEOUT));
    }

    @Bean
    @ConditionalOnMissingBean
    @Conditional(NoOtherAddress.class)
    NvmeConnectionDetails nvmfTargetConnectionDetails(BoundTarget target, NvmeProperties properties) {
        return () -> target.uri(properties.target().subsystem());
    }

    /** Nobody has said that "default" goes somewhere else. */
    static class NoOtherAddress extends NoneNestedConditions {

        NoOtherAddress() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty("nvmf.client.uri")
        static class Uri {}

        @ConditionalOnProperty("nvmf.client.host")
        static class Host {}
    }
}
