package io.nvmf.spring.autoconfigure;

import io.nvmf.NvmeClient;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Conditional;

/** Somebody has said where the connection "default" goes. */
class OnDefaultConnection extends AnyNestedCondition {

    OnDefaultConnection() {
        super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnProperty("nvmf.client.uri")
    static class Uri {}

    @ConditionalOnProperty("nvmf.client.host")
    static class Host {}

    @ConditionalOnProperty("nvmf.client.subsystem")
    static class Subsystem {}

    @Conditional(OnDefaultDetails.class)
    static class Details {}

    @ConditionalOnBean(NvmeClient.class)
    static class Client {}
}
