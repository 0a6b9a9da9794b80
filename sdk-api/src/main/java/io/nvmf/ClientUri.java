package io.nvmf;

import io.nvmf.spec.TransportType;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/** Reads {@code nvme+tcp://host:port/subsystem-nqn?name=value}; every mistake is named in the message. */
final class ClientUri {

    /** The parameters that are the client's; others belong to the transport. */
    static final List<String> PARAMETERS = List.of(
            "host-nqn",
            "host-id",
            "io-queues",
            "queue-size",
            "sq-flow-control",
            "keep-alive",
            "connect-timeout",
            "command-timeout",
            "pending-commands");

    private static final String SCHEME_PREFIX = "nvme+";

    private ClientUri() {}

    static NvmeClient parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is no URI: " + e.getReason(), e);
        }
        NvmeClient client = NvmeClient.create().transport(transport(text, uri));
        client = address(client, text, uri);
        String path = uri.getPath();
        if (path != null && path.length() > 1) {
            client = client.subsystem(path.substring(1));
        }
        return parameters(client, uri.getRawQuery());
    }

    private static TransportType transport(String text, URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case SCHEME_PREFIX + "tcp" -> TransportType.TCP;
            case SCHEME_PREFIX + "rdma" -> TransportType.RDMA;
            case SCHEME_PREFIX + "loop" -> TransportType.LOOP;
            default ->
                throw new IllegalArgumentException("'" + text + "' has scheme '" + scheme
                        + "'; known are nvme+tcp, nvme+rdma and nvme+loop, as in nvme+tcp://host:4420/subsystem-nqn");
        };
    }

    private static NvmeClient address(NvmeClient client, String text, URI uri) {
        String host = uri.getHost();
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException("the URI has user information, which NVMe over Fabrics does not know");
        }
        if (uri.getFragment() != null) {
            throw new IllegalArgumentException("'" + text + "' has a fragment, which has no meaning here");
        }
        if (host == null) {
            throw new IllegalArgumentException("'" + text + "' has no usable host and port ('" + uri.getRawAuthority()
                    + "'); IPv6 addresses are written in brackets");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return uri.getPort() < 0 ? client.remoteHost(bare) : client.remoteAddress(bare, uri.getPort());
    }

    private static NvmeClient parameters(NvmeClient start, String query) {
        NvmeClient client = start;
        if (query == null || query.isEmpty()) {
            return client;
        }
        Set<String> seen = new HashSet<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("parameter '" + pair + "' is not of the form name=value");
            }
            String name = decode(pair.substring(0, equals));
            String value = decode(pair.substring(equals + 1));
            if (!seen.add(name)) {
                throw new IllegalArgumentException("parameter " + name + " is given more than once");
            }
            client = parameter(client, name, value);
        }
        return client;
    }

    private static NvmeClient parameter(NvmeClient client, String name, String value) {
        try {
            return switch (name) {
                case "host-nqn" -> client.hostNqn(value);
                case "host-id" -> client.hostId(UUID.fromString(value));
                case "io-queues" -> client.ioQueues(number(value));
                case "queue-size" -> client.queueSize(number(value));
                case "sq-flow-control" -> client.sqFlowControl(flag(value));
                case "keep-alive" -> client.keepAlive(duration(value));
                case "connect-timeout" -> client.connectTimeout(duration(value));
                case "command-timeout" -> client.commandTimeout(duration(value));
                case "pending-commands" -> client.pendingCommands(number(value));
                default -> client.namedOption(name, value);
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("parameter " + name + " is '" + value + "': " + e.getMessage(), e);
        }
    }

    private static String decode(String text) {
        // a plus sign is a plus sign here: this is no HTML form
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
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
