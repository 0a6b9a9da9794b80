package io.nvmf.spring.properties;

import io.nvmf.NvmeClient;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionSettings;
import io.nvmf.spring.connection.StartupMode;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a client, and how its connection lives, of properties. */
public final class ClientMapping {

    private static final int MAX_QUEUES = 65_535;
    private static final int MAX_QUEUE_SIZE = 65_536;
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MAX_LIFE_CYCLE_TIMEOUT = Duration.ofHours(1);

    /** Times longer than a day are told in days, without the fraction that their 32 bits of milliseconds leave. */
    private static final Duration MAX_KEEP_ALIVE = Duration.ofDays(NvmeClient.MAX_KEEP_ALIVE.toDays());

    private final String prefix;
    private final ClientProperties properties;
    private final Limits limits;
    private final RecoveryMapping recovery;

    /**
     * A mapping of some properties.
     *
     * @param prefix name of the properties up to the last dot, such as {@code nvmf.client}
     * @param properties the properties
     */
    public ClientMapping(String prefix, ClientProperties properties) {
        this.prefix = prefix;
        this.properties = properties;
        this.limits = new Limits(prefix);
        this.recovery = new RecoveryMapping(prefix, properties.recovery());
    }

    /**
     * Checks the name of a connection under {@code nvmf.clients}.
     *
     * @param name the name
     * @throws InvalidNvmePropertyException if it is that of the connection which {@code nvmf.client} describes
     */
    public static void requireName(String name) {
        if (name.equals(NvmeConnection.DEFAULT_NAME)) {
            String property = "nvmf.clients." + name;
            throw new InvalidNvmePropertyException(
                    property + " must have another name: the connection " + name + " is nvmf.client", property);
        }
    }

    /**
     * The client.
     *
     * @param address where to connect to; settings that it has are those of the client
     * @return the client, with all properties that are set
     * @throws InvalidNvmePropertyException if a property is out of range, or contradicts another or the address
     */
    public NvmeClient client(URI address) {
        List<String> given = parameters(address);
        set().forEach((property, parameter) -> {
            if (given.contains(parameter)) {
                throw new InvalidNvmePropertyException(
                        property + " is set, and the address " + address + " has the parameter " + parameter
                                + "; remove one of them",
                        property,
                        limits.name("uri"));
            }
        });
        NvmeClient client = options(timeouts(queues(identity(NvmeClient.from(address)))));
        return recovery.set().isEmpty() ? client : client.recovery(recovery.recovery());
    }

    /**
     * How the connection lives.
     *
     * @param client what the client is as a URI, whoever has made it
     * @return the settings
     * @throws InvalidNvmePropertyException if a property is out of range
     */
    public ConnectionSettings settings(URI client) {
        Recovery delays = recovery.recovery();
        boolean ofOneAssociation = parameters(client).contains("recovery");
        return new ConnectionSettings(
                properties.startup(),
                limits.range("startup-timeout", properties.startupTimeout(), LEAST, MAX_LIFE_CYCLE_TIMEOUT),
                limits.range("shutdown-timeout", properties.shutdownTimeout(), LEAST, MAX_LIFE_CYCLE_TIMEOUT),
                delays.firstDelay(),
                delays.maxDelay(),
                delays.isEnabled() && !ofOneAssociation && properties.startup() != StartupMode.LAZY);
    }

    private static List<String> parameters(URI address) {
        String query = address.getQuery();
        return query == null
                ? List.of()
                : Arrays.stream(query.split("&"))
                        .map(pair -> pair.substring(0, Math.max(0, pair.indexOf('='))))
                        .toList();
    }

    /** Names of the properties that are set and that a URI has, too, with their names there. */
    private Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>();
        inUri(set, "host-nqn", properties.hostNqn());
        inUri(set, "host-id", properties.hostId());
        inUri(set, "io-queues", properties.ioQueues());
        inUri(set, "queue-size", properties.queueSize());
        inUri(set, "sq-flow-control", properties.sqFlowControl());
        inUri(set, "keep-alive", properties.keepAlive());
        inUri(set, "connect-timeout", properties.connectTimeout());
        inUri(set, "command-timeout", properties.commandTimeout());
        inUri(set, "admin-timeout", properties.adminTimeout());
        inUri(set, "pending-commands", properties.pendingCommands());
        inUri(set, "header-digest", properties.headerDigest());
        inUri(set, "data-digest", properties.dataDigest());
        inUri(set, "busy-poll", properties.busyPoll());
        inUri(set, "adaptive-poll", properties.adaptivePoll());
        inUri(set, "capture", "file", properties.capture().file());
        inUri(set, "capture-size", "size", properties.capture().size());
        inUri(set, "capture-files", "files", properties.capture().files());
        inUri(set, "capture-data", "data", properties.capture().data());
        properties.options().forEach((name, value) -> set.put(limits.name("options." + name), name));
        set.putAll(recovery.set());
        return set;
    }

    private void inUri(Map<String, String> set, String name, @Nullable Object value) {
        if (value != null) {
            set.put(limits.name(name), name);
        }
    }

    private void inUri(Map<String, String> set, String inUri, String ofCapture, @Nullable Object value) {
        if (value != null) {
            set.put(limits.name("capture." + ofCapture), inUri);
        }
    }

    private NvmeClient identity(NvmeClient start) {
        NvmeClient client = start;
        if (properties.hostNqn() != null) {
            try {
                client = client.hostNqn(properties.hostNqn());
            } catch (IllegalArgumentException e) {
                throw limits.refused("host-nqn", "'" + properties.hostNqn() + "'", e);
            }
        }
        if (properties.hostId() != null) {
            try {
                client = client.hostId(properties.hostId());
            } catch (IllegalArgumentException e) {
                throw limits.refused("host-id", properties.hostId(), e);
            }
        }
        return client;
    }

    private NvmeClient queues(NvmeClient start) {
        NvmeClient client = start;
        if (properties.ioQueues() != null) {
            client = client.ioQueues((int) limits.range("io-queues", properties.ioQueues(), 1, MAX_QUEUES));
        }
        if (properties.queueSize() != null) {
            client = client.queueSize((int) limits.range("queue-size", properties.queueSize(), 2, MAX_QUEUE_SIZE));
        }
        if (properties.sqFlowControl() != null) {
            client = client.sqFlowControl(properties.sqFlowControl());
        }
        if (properties.pendingCommands() != null) {
            client = client.pendingCommands(limits.notNegative("pending-commands", properties.pendingCommands()));
        }
        return client;
    }

    private NvmeClient timeouts(NvmeClient start) {
        NvmeClient client = start;
        if (properties.keepAlive() != null) {
            Duration time = limits.range("keep-alive", properties.keepAlive(), Duration.ZERO, MAX_KEEP_ALIVE);
            client = client.keepAlive(limits.wholeMillis("keep-alive", time));
        }
        if (properties.connectTimeout() != null) {
            client = client.connectTimeout(limits.range(
                    "connect-timeout", properties.connectTimeout(), LEAST, NvmeClient.MAX_CONNECT_TIMEOUT));
        }
        if (properties.commandTimeout() != null) {
            client = client.commandTimeout(limits.zeroOrRange(
                    "command-timeout",
                    properties.commandTimeout(),
                    NvmeClient.MIN_COMMAND_TIMEOUT,
                    NvmeClient.MAX_COMMAND_TIMEOUT));
        }
        if (properties.adminTimeout() != null) {
            client = client.adminTimeout(limits.zeroOrRange(
                    "admin-timeout",
                    properties.adminTimeout(),
                    NvmeClient.MIN_COMMAND_TIMEOUT,
                    NvmeClient.MAX_COMMAND_TIMEOUT));
        }
        return client;
    }

    private NvmeClient options(NvmeClient start) {
        NvmeClient client = start;
        if (properties.headerDigest() != null) {
            client = client.option(TcpOptions.HEADER_DIGEST, properties.headerDigest());
        }
        if (properties.dataDigest() != null) {
            client = client.option(TcpOptions.DATA_DIGEST, properties.dataDigest());
        }
        if (properties.busyPoll() != null) {
            client = client.option(
                    TcpOptions.BUSY_POLL,
                    limits.range("busy-poll", properties.busyPoll(), Duration.ZERO, TcpOptions.MAX_BUSY_POLL));
        }
        if (properties.adaptivePoll() != null) {
            client = client.option(
                    TcpOptions.ADAPTIVE_POLL,
                    limits.range(
                            "adaptive-poll", properties.adaptivePoll(), Duration.ZERO, TcpOptions.MAX_ADAPTIVE_POLL));
        }
        client = new CaptureMapping(prefix + ".capture", properties.capture()).apply(client, NvmeClient::option);
        for (Map.Entry<String, String> named : properties.options().entrySet()) {
            client = named(client, named.getKey(), named.getValue());
        }
        return client;
    }

    private NvmeClient named(NvmeClient client, String name, String value) {
        String property = "options." + name;
        if (set().entrySet().stream()
                .anyMatch(other ->
                        other.getValue().equals(name) && !other.getKey().equals(limits.name(property)))) {
            throw new InvalidNvmePropertyException(
                    limits.name(property) + " and " + limits.name(name) + " are both set; remove one of them",
                    limits.name(property),
                    limits.name(name));
        }
        List<? extends TransportOption<?>> known = knownOptions();
        TransportOption<?> option = known.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidNvmePropertyException(
                        limits.name(property) + " is not known; the transports know "
                                + String.join(
                                        ", ",
                                        known.stream()
                                                .map(TransportOption::name)
                                                .sorted()
                                                .toList()),
                        limits.name(property)));
        return with(client, property, option, value);
    }

    private <T> NvmeClient with(NvmeClient client, String property, TransportOption<T> option, String value) {
        try {
            return client.option(option, option.parse(value));
        } catch (IllegalArgumentException e) {
            throw limits.refused(property, "'" + value + "'", e);
        }
    }

    private static List<TransportOption<?>> knownOptions() {
        TransportRegistry registry = TransportRegistry.load();
        return Arrays.stream(TransportType.values())
                .<TransportOption<?>>flatMap(type -> registry.options(type).stream())
                .toList();
    }

    @Override
    public String toString() {
        return "ClientMapping[" + prefix + ']';
    }
}
