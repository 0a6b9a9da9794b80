package io.nvmf;

import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads {@code nvme+tcp://host:port/subsystem-nqn?name=value}; every mistake is named in the message.
 * {@link ClientUriText} writes it.
 */
final class ClientUri {

    /** The parameters that are the client's; others belong to the transport. */
    static final List<String> PARAMETERS = List.of(
            "service",
            "host-nqn",
            "host-id",
            "io-queues",
            "queue-size",
            "sq-flow-control",
            "keep-alive",
            "connect-timeout",
            "command-timeout",
            "admin-timeout",
            "pending-commands",
            "recovery",
            "reconnect-delay",
            "max-reconnect-delay",
            "loss-timeout",
            "fail-fast",
            "quiesce-time",
            "repeat-writes",
            "status-retries",
            "patient-connect");

    private static final List<TransportType> TRANSPORTS =
            List.of(TransportType.TCP, TransportType.RDMA, TransportType.LOOP);

    /** What no URI contains unencoded, besides controls and spaces of any kind. */
    private static final String NEVER = "\"<>\\^`{|}";

    private ClientUri() {}

    static NvmeClient parse(String text) {
        checkCharacters(text);
        int schemeEnd = text.indexOf("://");
        NvmeClient client =
                NvmeClient.create().transport(transport(text, schemeEnd < 0 ? "" : text.substring(0, schemeEnd)));
        String rest = text.substring(schemeEnd + 3);
        if (rest.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' has a fragment, which has no meaning here; # itself is written %23");
        }
        int queryStart = rest.indexOf('?');
        String query = queryStart < 0 ? "" : rest.substring(queryStart + 1);
        String location = queryStart < 0 ? rest : rest.substring(0, queryStart);
        int pathStart = location.indexOf('/');
        String path = pathStart < 0 ? "" : location.substring(pathStart + 1);
        client = address(client, UriAuthority.parse(pathStart < 0 ? location : location.substring(0, pathStart)));
        if (!path.isEmpty()) {
            client = client.subsystem(PercentEncoding.decode(path));
        }
        return parameters(client, query);
    }

    private static void checkCharacters(String text) {
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            boolean pair = Character.isHighSurrogate(character)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1));
            if (NEVER.indexOf(character) >= 0
                    || Character.isISOControl(character)
                    || Character.isSpaceChar(character)
                    || (Character.isSurrogate(character) && !pair)) {
                throw new IllegalArgumentException("'" + text + "' is not a URI: the character at index " + at
                        + " has to be percent-encoded, as in %20 for a space");
            }
            at += pair ? 1 : 0;
        }
    }

    private static TransportType transport(String text, String written) {
        String scheme = written.toLowerCase(Locale.ROOT);
        return TRANSPORTS.stream()
                .filter(transport -> transport.scheme().equals(scheme))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' has scheme '" + scheme
                        + "'; known are nvme+tcp, nvme+rdma and nvme+loop, as in nvme+tcp://host:4420/subsystem-nqn"));
    }

    private static NvmeClient address(NvmeClient client, UriAuthority authority) {
        String port = authority.port();
        return port == null
                ? client.remoteHost(authority.host())
                : client.remoteAddress(authority.host(), Integer.parseInt(port));
    }

    private static NvmeClient parameters(NvmeClient start, String query) {
        NvmeClient client = start;
        if (query.isEmpty()) {
            return client;
        }
        Set<String> seen = new HashSet<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("parameter '" + pair + "' is not of the form name=value");
            }
            // a plus sign is a plus sign here: this is not an HTML form
            String name = PercentEncoding.decode(pair.substring(0, equals));
            String value = PercentEncoding.decode(pair.substring(equals + 1));
            if (!seen.add(name)) {
                throw new IllegalArgumentException("parameter " + name + " is given more than once");
            }
            client = parameter(client, name, value);
        }
        client.config().recovery.validated();
        return client;
    }

    private static NvmeClient parameter(NvmeClient client, String name, String value) {
        try {
            return switch (name) {
                case "service" -> client.service(value);
                case "host-nqn" -> client.hostNqn(value);
                case "host-id" -> client.hostId(Identifiers.uuid(value));
                case "io-queues" -> client.ioQueues(number(value));
                case "queue-size" -> client.queueSize(number(value));
                case "sq-flow-control" -> client.sqFlowControl(flag(value));
                case "keep-alive" -> client.keepAlive(duration(value));
                case "connect-timeout" -> client.connectTimeout(duration(value));
                case "command-timeout" -> client.commandTimeout(duration(value));
                case "admin-timeout" -> client.adminTimeout(duration(value));
                case "pending-commands" -> client.pendingCommands(number(value));
                case "recovery" -> client.changedRecovery(recovery -> named(value));
                case "reconnect-delay" -> client.changedRecovery(recovery -> recovery.firstDelay(duration(value)));
                case "max-reconnect-delay" -> client.changedRecovery(recovery -> recovery.maxDelay(duration(value)));
                case "loss-timeout" -> client.changedRecovery(recovery -> recovery.lossTimeout(duration(value)));
                case "fail-fast" -> client.changedRecovery(recovery -> recovery.failFast(duration(value)));
                case "quiesce-time" -> client.changedRecovery(recovery -> recovery.quiesceTime(duration(value)));
                case "repeat-writes" -> client.changedRecovery(recovery -> recovery.repeatWrites(flag(value)));
                case "status-retries" -> client.changedRecovery(recovery -> recovery.statusRetries(number(value)));
                case "patient-connect" -> client.changedRecovery(recovery -> recovery.patientConnect(flag(value)));
                default -> client.namedOption(name, value);
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("parameter " + name + " is '" + value + "': " + e.getMessage(), e);
        }
    }

    private static Recovery named(String text) {
        if (text.equals("none")) {
            return Recovery.none();
        }
        throw new IllegalArgumentException("the only recovery with a name is none");
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a whole number", e);
        }
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    /** {@code 500ms}, {@code 10s}, {@code 2m} or ISO 8601 as in {@code PT10S}. */
    private static Duration duration(String text) {
        try {
            if (text.startsWith("P")) {
                return Duration.parse(text);
            }
            if (text.endsWith("ms")) {
                return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
            }
            if (text.endsWith("s")) {
                return Duration.ofSeconds(Long.parseLong(text.substring(0, text.length() - 1)));
            }
            if (text.endsWith("m")) {
                return Duration.ofMinutes(Long.parseLong(text.substring(0, text.length() - 1)));
            }
        } catch (DateTimeParseException | NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("not a time like 500ms, 10s, 2m or PT10S", e);
        }
        throw new IllegalArgumentException("not a time like 500ms, 10s, 2m or PT10S");
    }
}
