package io.nvmf.spring.autoconfigure;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.security.Security;
import io.nvmf.spring.NvmeClientCustomizer;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.connection.EagerStart;
import io.nvmf.spring.connection.SharedConnection;
import io.nvmf.spring.properties.ClientMapping;
import io.nvmf.spring.properties.ClientProperties;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.PropertiesConnectionDetails;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import reactor.netty.resources.LoopResources;

/** Makes the beans of each connection; the same for the one that has no name and those that have. */
class NvmeClients {

    private final NvmeProperties properties;
    private final ObjectProvider<NvmeConnectionDetails> details;
    private final ObjectProvider<NvmeClientCustomizer> customizers;
    private final Security security;
    private final LoopResources loops;

    NvmeClients(
            NvmeProperties properties,
            ObjectProvider<NvmeConnectionDetails> details,
            ObjectProvider<NvmeClientCustomizer> customizers,
            Security security,
            LoopResources loops) {
        this.properties = properties;
        this.details = details;
        this.customizers = customizers;
        this.security = security;
        this.loops = loops;
    }

    /** Properties first, customizers last. */
    NvmeClient client(String name) {
        NvmeClient client =
                ApplicationLoops.of(loops, mapping(name).client(address(name))).security(security);
        for (NvmeClientCustomizer customizer : customizers.orderedStream().toList()) {
            client = customizer.customize(client, name);
        }
        return client;
    }

    NvmeConnection connection(String name, NvmeClient client) {
        return new SharedConnection(name, client, mapping(name).settings(client.uri()));
    }

    NvmeController controller(NvmeConnection connection) {
        Duration limit = of(connection.name()).startupTimeout();
        return Objects.requireNonNull(EagerStart.await(connection, limit).block());
    }

    private URI address(String name) {
        return details.orderedStream()
                .filter(candidate -> candidate.connection().equals(name))
                .findFirst()
                .orElseGet(() -> new PropertiesConnectionDetails(name, NvmeBeans.prefix(name), of(name)))
                .uri();
    }

    private ClientMapping mapping(String name) {
        return new ClientMapping(NvmeBeans.prefix(name), of(name));
    }

    private ClientProperties of(String name) {
        ClientProperties named = properties.clients().get(name);
        return named == null ? properties.client() : named;
    }
}
