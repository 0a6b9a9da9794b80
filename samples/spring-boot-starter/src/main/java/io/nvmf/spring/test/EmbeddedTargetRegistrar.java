package io.nvmf.spring.test;

import io.nvmf.BoundTarget;
import io.nvmf.spring.NvmeConnectionDetails;
import org.springframework.beans.factory.config.ConstructorArgumentValues;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotationMetadata;

/** Makes beans of what {@link AutoConfigureNvmeTarget} says. */
final class EmbeddedTargetRegistrar implements ImportBeanDefinitionRegistrar {

    private static final String DETAILS = "nvmfTestConnectionDetails";
    private static final String TARGET = "nvmfTestTarget";

    @Override
    public void registerBeanDefinitions(AnnotationMetadata test, BeanDefinitionRegistry registry) {
        MergedAnnotation<AutoConfigureNvmeTarget> wanted = test.getAnnotations().get(AutoConfigureNvmeTarget.class);
        RootBeanDefinition details = new RootBeanDefinition(EmbeddedTarget.class);
        ConstructorArgumentValues arguments = details.getConstructorArgumentValues();
        arguments.addIndexedArgumentValue(0, wanted.getString("connection"));
        arguments.addIndexedArgumentValue(1, wanted.getInt("namespaces"));
        arguments.addIndexedArgumentValue(2, wanted.getString("size"));
        arguments.addIndexedArgumentValue(3, wanted.getInt("blockSize"));
        arguments.addIndexedArgumentValue(4, wanted.getString("subsystem"));
        arguments.addIndexedArgumentValue(
                5, new RuntimeBeanReference(ConfigurableApplicationContext.ENVIRONMENT_BEAN_NAME));
        // the provider of the security profile, which is not there without the beans of the starter
        details.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
        details.setAttribute(NvmeConnectionDetails.CONNECTION, wanted.getString("connection"));
        registry.registerBeanDefinition(DETAILS, details);

        RootBeanDefinition target = new RootBeanDefinition(BoundTarget.class);
        target.setFactoryBeanName(DETAILS);
        target.setUniqueFactoryMethodName("target");
        target.setDestroyMethodName("");
        registry.registerBeanDefinition(TARGET, target);
    }
}
