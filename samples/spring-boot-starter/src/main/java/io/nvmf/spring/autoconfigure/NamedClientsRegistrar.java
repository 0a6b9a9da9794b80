package io.nvmf.spring.autoconfigure;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.properties.ClientMapping;
import io.nvmf.spring.properties.ClientProperties;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Three beans for each name, qualified by it: {@code @Qualifier("archive") NvmeConnection} is the one of
 * {@code nvmf.clients.archive.*}. Who asks for a type only does not get them.
 */
class NamedClientsRegistrar implements ImportBeanDefinitionRegistrar {

    private final Environment environment;

    NamedClientsRegistrar(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        Binder.get(environment)
                .bind("nvmf.clients", Bindable.mapOf(String.class, ClientProperties.class))
                .orElse(Map.of())
                .forEach((name, properties) -> {
                    ClientMapping.requireName(name);
                    if (properties.enabled()) {
                        register(registry, name);
                    }
                });
    }

    private static void register(BeanDefinitionRegistry registry, String name) {
        RootBeanDefinition client = definition(NvmeClient.class, "client", name);
        client.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
        add(registry, name + "NvmeClient", client);

        RootBeanDefinition connection = definition(NvmeConnection.class, "connection", name);
        connection.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
        connection
                .getConstructorArgumentValues()
                .addIndexedArgumentValue(1, new RuntimeBeanReference(name + "NvmeClient"));
        add(registry, name + "NvmeConnection", connection);

        RootBeanDefinition controller = definition(NvmeController.class, "controller", name);
        controller
                .getConstructorArgumentValues()
                .addIndexedArgumentValue(0, new RuntimeBeanReference(name + "NvmeConnection"));
        controller.setLazyInit(true);
        add(registry, name + "NvmeController", controller);
    }

    private static RootBeanDefinition definition(Class<?> type, String method, String name) {
        RootBeanDefinition definition = new RootBeanDefinition(type);
        definition.setFactoryBeanName("nvmfClients");
        definition.setUniqueFactoryMethodName(method);
        definition.setDefaultCandidate(false);
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
        return definition;
    }

    /** A bean of the application with the same name stays. */
    private static void add(BeanDefinitionRegistry registry, String bean, RootBeanDefinition definition) {
        if (!registry.containsBeanDefinition(bean)) {
            registry.registerBeanDefinition(bean, definition);
        }
    }
}
