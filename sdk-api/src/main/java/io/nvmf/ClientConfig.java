package io.nvmf;

import io.nvmf.host.association.AssociationParameters;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.Security;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** What a client is configured with; copied before every change, and checked as a whole when it is put to use. */
final class ClientConfig {

    /** One identity for all clients of this JVM that have none of their own. */
    private static final UUID HOST_ID = UUID.randomUUID();

    private static final class DefaultRegistry {
        static final TransportRegistry INSTANCE = TransportRegistry.load();
    }

    TransportType transport = TransportType.TCP;

    @Nullable
    String host;

    /** Null for the default of the subsystem's kind. */
    @Nullable
    String service;

    @Nullable
    String subsystem;

    /** What the discovery log says of the subsystem. */
    boolean secureChannelRequired;

    @Nullable
    String hostNqn;

    @Nullable
    UUID hostId;

    int ioQueues = NvmeClient.DEFAULT_IO_QUEUES;
    int queueSize = NvmeClient.DEFAULT_QUEUE_SIZE;
    boolean sqFlowControl = NvmeClient.DEFAULT_SQ_FLOW_CONTROL;
    Duration keepAlive = NvmeClient.DEFAULT_KEEP_ALIVE;
    Duration connectTimeout = NvmeClient.DEFAULT_CONNECT_TIMEOUT;
    Duration commandTimeout = NvmeClient.DEFAULT_COMMAND_TIMEOUT;
    Duration adminTimeout = NvmeClient.DEFAULT_ADMIN_TIMEOUT;
    int pendingCommands = NvmeClient.DEFAULT_PENDING_COMMANDS;
    Security security = Security.none();
    Recovery recovery = Recovery.defaults();
    TransportOptions options = TransportOptions.none();

    /** Options of the transport as a URI names them; what they mean is known once the transport is. */
    Map<String, String> namedOptions = Map.of();

    @Nullable
    TransportRegistry registry;

    @Nullable
    Scheduler timer;

    @Nullable
    NvmeObserver observer;

    /** Measures controllers; null for nobody. */
    @Nullable
    MetricsRecorder metrics;

    ClientConfig() {}

    private ClientConfig(ClientConfig original) {
        transport = original.transport;
        host = original.host;
        service = original.service;
        subsystem = original.subsystem;
        secureChannelRequired = original.secureChannelRequired;
        hostNqn = original.hostNqn;
        hostId = original.hostId;
        ioQueues = original.ioQueues;
        queueSize = original.queueSize;
        sqFlowControl = original.sqFlowControl;
        keepAlive = original.keepAlive;
        connectTimeout = original.connectTimeout;
        commandTimeout = original.commandTimeout;
        adminTimeout = original.adminTimeout;
        pendingCommands = original.pendingCommands;
        security = original.security;
        recovery = original.recovery;
        options = original.options;
        namedOptions = original.namedOptions;
        registry = original.registry;
        timer = original.timer;
        observer = original.observer;
        metrics = original.metrics;
    }

    ClientConfig copy() {
        return new ClientConfig(this);
    }

    void namedOption(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(namedOptions);
        changed.put(name, value);
        namedOptions = Map.copyOf(changed);
    }

    /**
     * Checks the whole and fills in the defaults.
     *
     * @throws IllegalArgumentException if something is missing or does not fit together
     */
    AssociationParameters conclude() {
        String nqn = subsystem;
        if (nqn == null) {
            throw new IllegalArgumentException("no subsystem NQN is set; call subsystem(...) or name it in the URI");
        }
        if (secureChannelRequired && !security.usesTls()) {
            throw new IllegalArgumentException("the discovery log says that " + nqn
                    + " requires a secure channel; call security(...) with tls or concatenation");
        }
        boolean discovery = nqn.equals(Nqn.DISCOVERY);
        TransportRegistry transports = registry == null ? DefaultRegistry.INSTANCE : registry;
        boolean neverIdle = discovery && keepAlive.isZero();
        return new AssociationParameters(
                "",
                transports,
                transport,
                address(discovery),
                allOptions(transports),
                nqn,
                hostNqn == null ? Nqn.uuid(HOST_ID) : hostNqn,
                concludeHostId(),
                discovery ? 0 : ioQueues,
                queueSize,
                NvmeClient.ADMIN_QUEUE_SIZE,
                sqFlowControl,
                neverIdle ? NvmeClient.DEFAULT_KEEP_ALIVE : keepAlive,
                connectTimeout,
                commandTimeout,
                adminTimeout,
                security.validate(),
                pendingCommands,
                timer == null ? SharedTimer.INSTANCE : timer);
    }

    private TransportAddress address(boolean discovery) {
        String name = host;
        if (name == null) {
            throw new IllegalArgumentException("no address is set; call remoteAddress(...) or use a URI");
        }
        int usual = discovery ? NvmeClient.DEFAULT_DISCOVERY_PORT : NvmeClient.DEFAULT_PORT;
        return new TransportAddress(name, service == null ? Integer.toString(usual) : service);
    }

    /** One host NQN always goes with the same host identifier, as targets demand that tell hosts apart by both. */
    private UUID concludeHostId() {
        if (hostId != null) {
            return hostId;
        }
        if (hostNqn == null) {
            return HOST_ID;
        }
        if (hostNqn.startsWith(Nqn.UUID_PREFIX)) {
            return Identifiers.uuidOf(hostNqn);
        }
        return UUID.nameUUIDFromBytes(hostNqn.getBytes(StandardCharsets.UTF_8));
    }

    private TransportOptions allOptions(TransportRegistry transports) {
        TransportOptions all = options;
        List<TransportOption<?>> known = transports.options(transport);
        for (Map.Entry<String, String> named : namedOptions.entrySet()) {
            TransportOption<?> option = known.stream()
                    .filter(candidate -> candidate.name().equals(named.getKey()))
                    .findFirst()
                    .orElseThrow(() -> unknown(named.getKey(), known));
            all = with(all, option, named.getValue());
        }
        return all;
    }

    private static <T> TransportOptions with(TransportOptions options, TransportOption<T> option, String text) {
        T value;
        try {
            value = option.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "parameter " + option.name() + " is '" + text + "': " + e.getMessage(), e);
        }
        return options.with(option, value);
    }

    private IllegalArgumentException unknown(String name, List<TransportOption<?>> options) {
        TreeSet<String> known = new TreeSet<>(ClientUri.PARAMETERS);
        options.forEach(option -> known.add(option.name()));
        return new IllegalArgumentException(
                "parameter " + name + " is unknown; transport " + transport + " knows " + String.join(", ", known));
    }
}
