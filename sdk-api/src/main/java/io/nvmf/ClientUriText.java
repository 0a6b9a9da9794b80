package io.nvmf;

import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes what {@link ClientUri} reads: nothing that is set is lost, and nothing that is not set is written. */
final class ClientUriText {

    /** What needs no encoding in a path, besides letters, digits and {@code -._~}. */
    private static final String PATH = ":/";

    /** The same for names and values of parameters. */
    private static final String QUERY = ":/";

    private final List<String> parameters = new ArrayList<>();

    private ClientUriText() {}

    /** Address and subsystem alone. */
    static URI of(TransportType transport, TransportAddress address, String subsystem) {
        return new ClientUriText().text(transport, address.host(), address.service(), subsystem);
    }

    static URI of(ClientConfig config) {
        String host = config.host;
        if (host == null) {
            throw new IllegalStateException("no address is set; call remoteAddress(...)");
        }
        ClientConfig defaults = new ClientConfig();
        ClientUriText text = new ClientUriText();
        text.add("host-nqn", config.hostNqn, null);
        text.add("host-id", config.hostId, null);
        text.add("io-queues", config.ioQueues, defaults.ioQueues);
        text.add("queue-size", config.queueSize, defaults.queueSize);
        text.add("sq-flow-control", config.sqFlowControl, defaults.sqFlowControl);
        text.add("keep-alive", time(config.keepAlive), time(defaults.keepAlive));
        text.add("connect-timeout", time(config.connectTimeout), time(defaults.connectTimeout));
        text.add("command-timeout", time(config.commandTimeout), time(defaults.commandTimeout));
        text.add("admin-timeout", time(config.adminTimeout), time(defaults.adminTimeout));
        text.add("pending-commands", config.pendingCommands, defaults.pendingCommands);
        text.add(config.recovery);
        options(config).forEach((name, value) -> text.add(name, value, null));
        return text.text(config.transport, host, config.service, config.subsystem);
    }

    private void add(Recovery recovery) {
        Recovery usual = Recovery.defaults();
        if (!recovery.isEnabled()) {
            add("recovery", "none", null);
            return;
        }
        add("reconnect-delay", time(recovery.firstDelay()), time(usual.firstDelay()));
        add("max-reconnect-delay", time(recovery.maxDelay()), time(usual.maxDelay()));
        add("loss-timeout", time(recovery.lossTimeout()), time(usual.lossTimeout()));
        recovery.failFast().ifPresent(value -> add("fail-fast", time(value), null));
        recovery.quiesceTime().ifPresent(value -> add("quiesce-time", time(value), null));
        add("repeat-writes", recovery.repeatWrites(), usual.repeatWrites());
        add("status-retries", recovery.statusRetries(), usual.statusRetries());
        add("patient-connect", recovery.patientConnect(), usual.patientConnect());
    }

    /** In the order of their names; what was given as text wins, as it does when connecting. */
    private static Map<String, String> options(ClientConfig config) {
        Map<String, String> written = new TreeMap<>();
        for (TransportOption<?> option : config.options.present()) {
            String value = written(config.options, option);
            if (value != null) {
                written.put(option.name(), value);
            }
        }
        written.putAll(config.namedOptions);
        return written;
    }

    private static <T> @Nullable String written(TransportOptions options, TransportOption<T> option) {
        T value = options.get(option);
        return value == null ? null : option.write(value);
    }

    private static String time(Duration time) {
        return time.toNanosPart() % 1_000_000 == 0 ? time.toMillis() + "ms" : time.toString();
    }

    private void add(String name, @Nullable Object value, @Nullable Object usual) {
        if (value != null && !value.equals(usual)) {
            parameters.add(PercentEncoding.encode(name, "") + '=' + PercentEncoding.encode(value.toString(), QUERY));
        }
    }

    private URI text(TransportType transport, String host, @Nullable String service, @Nullable String subsystem) {
        StringBuilder text = new StringBuilder(transport.scheme()).append("://").append(UriAuthority.written(host));
        if (service != null && UriAuthority.isPort(service)) {
            text.append(':').append(service);
        } else {
            add("service", service, null);
        }
        if (subsystem != null) {
            text.append('/').append(PercentEncoding.encode(subsystem, PATH));
        }
        if (!parameters.isEmpty()) {
            text.append('?').append(String.join("&", parameters));
        }
        return Objects.requireNonNull(URI.create(text.toString()));
    }
}
