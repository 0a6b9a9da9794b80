package io.nvmf.spring.properties;

import io.nvmf.NvmeClient;
import io.nvmf.spring.NvmeConnectionDetails;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Where a subsystem is, as properties say it. */
public final class PropertiesConnectionDetails implements NvmeConnectionDetails {

    private static final int MAX_PORT = 65_535;

    private final String connection;
    private final ClientProperties properties;
    private final Limits limits;

    /**
     * The address in some properties.
     *
     * @param connection name of the connection
     * @param prefix name of the properties up to the last dot
     * @param properties the properties
     */
    public PropertiesConnectionDetails(String connection, String prefix, ClientProperties properties) {
        this.connection = connection;
        this.properties = properties;
        this.limits = new Limits(prefix);
    }

    @Override
    public String connection() {
        return connection;
    }

    /**
     * Checks and joins the properties.
     *
     * @return the address
     * @throws InvalidNvmePropertyException if something is missing, contradicts another property or is not valid
     */
    @Override
    public URI uri() {
        return properties.uri() == null ? ofParts() : ofUri(properties.uri());
    }

    private URI ofUri(String uri) {
        refuseBoth("transport", properties.transport());
        refuseBoth("host", properties.host());
        refuseBoth("port", properties.port());
        refuseBoth("subsystem", properties.subsystem());
        try {
            NvmeClient.from(uri);
            return URI.create(uri);
        } catch (IllegalArgumentException e) {
            throw limits.refused("uri", "'" + uri + "'", e);
        }
    }

    private void refuseBoth(String property, @Nullable Object value) {
        if (value != null) {
            throw new InvalidNvmePropertyException(
                    limits.name("uri") + " and " + limits.name(property) + " are both set; remove one of them",
                    limits.name("uri"),
                    limits.name(property));
        }
    }

    private URI ofParts() {
        String host = required("host", properties.host());
        String subsystem = required("subsystem", properties.subsystem());
        NvmeClient client = NvmeClient.create();
        try {
            client = client.remoteHost(host);
        } catch (IllegalArgumentException e) {
            throw limits.refused("host", "'" + host + "'", e);
        }
        if (properties.port() != null) {
            client = client.remoteAddress(host, (int) limits.range("port", properties.port(), 1, MAX_PORT));
        }
        if (properties.transport() != null) {
            client = client.transport(properties.transport());
        }
        try {
            return client.subsystem(subsystem).uri();
        } catch (IllegalArgumentException e) {
            throw limits.refused("subsystem", "'" + subsystem + "'", e);
        }
    }

    private String required(String property, @Nullable String value) {
        if (value == null) {
            throw new InvalidNvmePropertyException(
                    limits.name(property) + " is not set; set it, or " + limits.name("uri"),
                    limits.name(property),
                    limits.name("uri"));
        }
        return value;
    }
}
