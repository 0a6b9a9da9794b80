package io.nvmf;

import io.netty.util.NetUtil;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Host and port of a URI. Names are whatever resolvers take, underscores included, which {@link java.net.URI} does not
 * admit; what else a name may contain is percent-encoded. IPv6 addresses are in brackets, their scope behind
 * {@code %25} (RFC 6874) or, as people write it, behind {@code %}.
 *
 * @param host name or address, IPv6 without brackets
 * @param port text of a port, null without one
 */
record UriAuthority(String host, @Nullable String port) {

    /** Scopes that {@link java.net.URI} takes in brackets, too. */
    private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9_.]+");

    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    static UriAuthority parse(String text) {
        if (text.indexOf('@') >= 0) {
            throw new IllegalArgumentException("the URI has user information, which NVMe over Fabrics does not know");
        }
        int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
        if (text.startsWith("[") && hostEnd == 0) {
            throw unusable(text);
        }
        String host = hostEnd < 0 ? text : text.substring(0, hostEnd);
        String rest = hostEnd < 0 ? "" : text.substring(hostEnd);
        if (host.isEmpty() || (!rest.isEmpty() && rest.charAt(0) != ':') || rest.indexOf(':', 1) >= 0) {
            throw unusable(text);
        }
        String port = rest.length() > 1 ? rest.substring(1) : null;
        if (port != null) {
            checkPort(text, port);
        }
        return new UriAuthority(host.startsWith("[") ? address(text, host) : name(text, host), port);
    }

    private static String address(String text, String host) {
        String inside = host.substring(1, host.length() - 1);
        int percent = inside.indexOf('%');
        String address = percent < 0 ? inside : inside.substring(0, percent);
        String scope = percent < 0 ? "" : inside.substring(percent + 1);
        if (scope.startsWith("25") && scope.length() > 2) {
            scope = scope.substring(2);
        }
        if (!NetUtil.isValidIpV6Address(address)
                || (percent >= 0 && !SCOPE.matcher(scope).matches())) {
            throw new IllegalArgumentException("'" + host + "' in '" + text + "' is not an IPv6 address");
        }
        return percent < 0 ? address : address + '%' + scope;
    }

    private static String name(String text, String host) {
        if (host.indexOf('[') >= 0 || host.indexOf(']') >= 0) {
            throw unusable(text);
        }
        return PercentEncoding.decode(host);
    }

    private static void checkPort(String text, String port) {
        if (!DIGITS.matcher(port).matches()) {
            throw new IllegalArgumentException("port '" + port + "' is not a number in 1..65535: " + text);
        }
        String significant = port.replaceFirst("^0+(?=.)", "");
        if (significant.length() > 5 || Integer.parseInt(significant) > 65_535 || significant.equals("0")) {
            throw new IllegalArgumentException("port " + port + " is outside 1..65535: " + text);
        }
    }

    private static IllegalArgumentException unusable(String text) {
        return new IllegalArgumentException(
                "the URI has no usable host and port ('" + text + "'); IPv6 addresses are written in brackets");
    }

    /** The host as it stands in a URI. */
    static String written(String host) {
        int percent = host.indexOf('%');
        String address = percent < 0 ? host : host.substring(0, percent);
        if (host.indexOf(':') >= 0 && NetUtil.isValidIpV6Address(address) && address.indexOf('[') < 0) {
            if (percent < 0) {
                return '[' + host + ']';
            }
            String scope = host.substring(percent + 1);
            if (SCOPE.matcher(scope).matches()) {
                return '[' + address + "%25" + scope + ']';
            }
        }
        return PercentEncoding.encode(host, "");
    }

    /** Whether a service can stand behind the colon of a URI and comes out the same. */
    static boolean isPort(String service) {
        return service.length() <= 5
                && DIGITS.matcher(service).matches()
                && service.charAt(0) != '0'
                && Integer.parseInt(service) <= 65_535;
    }
}
