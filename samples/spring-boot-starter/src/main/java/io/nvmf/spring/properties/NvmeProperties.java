package io.nvmf.spring.properties;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * All properties.
 *
 * @param enabled Whether there are any beans of NVMe over Fabrics.
 * @param client The client of the connection "default".
 * @param clients More clients, by the names of their connections. Each has the properties of "nvmf.client".
 * @param loops The event loops that all clients share.
 * @param stream Options of streams, as beans to use for them.
 * @param health How the health of connections is checked.
 * @param metrics What meters count.
 * @param observations What traces see.
 * @param security What protects connections.
 * @param target An embedded controller.
 */
@ConfigurationProperties("nvmf")
public record NvmeProperties(
        @DefaultValue("true") boolean enabled,
        @NestedConfigurationProperty @DefaultValue ClientProperties client,
        @DefaultValue Map<String, ClientProperties> clients,
        @NestedConfigurationProperty @DefaultValue LoopProperties loops,
        @NestedConfigurationProperty @DefaultValue StreamProperties stream,
        @NestedConfigurationProperty @DefaultValue HealthProperties health,
        @NestedConfigurationProperty @DefaultValue MetricsProperties metrics,
        @NestedConfigurationProperty @DefaultValue ObservationProperties observations,
        @NestedConfigurationProperty @DefaultValue SecurityProperties security,
        @NestedConfigurationProperty @DefaultValue TargetProperties target) {}
