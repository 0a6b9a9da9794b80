package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnectionDetails;
import java.util.Arrays;
import java.util.Objects;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * There are details that may be those of the connection "default". What a bean is for, only it can tell, and it is too
 * early to make one; the definition of one that is for another connection can say so.
 */
class OnDefaultDetails implements ConfigurationCondition {

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConfigurableListableBeanFactory beans = Objects.requireNonNull(context.getBeanFactory());
        return Arrays.stream(beans.getBeanNamesForType(NvmeConnectionDetails.class, true, false))
                .anyMatch(name -> isDefault(beans, name));
    }

    private static boolean isDefault(ConfigurableListableBeanFactory beans, String name) {
        if (!beans.containsBeanDefinition(name)) {
            return true;
        }
        Object connection = beans.getBeanDefinition(name).getAttribute(NvmeConnectionDetails.CONNECTION);
        return connection == null || connection.equals(NvmeConnection.DEFAULT_NAME);
    }
}
