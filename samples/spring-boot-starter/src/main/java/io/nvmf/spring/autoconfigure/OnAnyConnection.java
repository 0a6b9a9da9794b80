package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnection;
import java.util.Objects;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * There is a connection, with or without a name. The condition on beans that Spring Boot has does not see those that
 * are to be asked for by name.
 */
public final class OnAnyConnection implements ConfigurationCondition {

    /** For the container. */
    public OnAnyConnection() {}

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        return Objects.requireNonNull(context.getBeanFactory())
                        .getBeanNamesForType(NvmeConnection.class, true, false)
                        .length
                > 0;
    }
}
