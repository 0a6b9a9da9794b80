package io.nvmf.spring.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Applications that have this starter, and no more. */
final class Contexts {

    static final String NQN = "nqn.2026-01.com.example:disks";

    private Contexts() {}

    /** Nothing is configured. */
    static ApplicationContextRunner empty() {
        return new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(NvmeAutoConfiguration.class, NvmeNamedClientsAutoConfiguration.class))
                .withConfiguration(AutoConfigurations.of(BootHealth.CONFIGURATIONS));
    }

    /** A client of a subsystem that is not there, and that nobody asks for. */
    static ApplicationContextRunner lazyClient() {
        return empty().withPropertyValues(
                        "nvmf.client.host=192.0.2.1", "nvmf.client.subsystem=" + NQN, "nvmf.client.startup=lazy");
    }

    /** A client of an embedded controller. */
    static ApplicationContextRunner embedded() {
        return empty().withPropertyValues("nvmf.target.enabled=true");
    }
}
