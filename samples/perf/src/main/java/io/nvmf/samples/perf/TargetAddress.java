package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.spec.TransportType;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the namespace is: a URI, or the words {@code trtype:TCP adrfam:IPv4 traddr:… trsvcid:… subnqn:… ns:…}.
 *
 * @param uri as {@link NvmeClient#from} reads it
 * @param namespaceId NSID, unsigned
 */
record TargetAddress(String uri, int namespaceId) {

    private static final int DEFAULT_NAMESPACE = 1;
    private static final long MAX_NAMESPACE = 0xFFFF_FFFEL;
    private static final Set<String> KEYS = Set.of("trtype", "adrfam", "traddr", "trsvcid", "subnqn", "ns");

    /**
     * Reads either form.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    static TargetAddress parse(String text) {
        if (text.contains("://")) {
            int fragment = text.indexOf("#ns=");
            String uri = fragment < 0 ? text : text.substring(0, fragment);
            NvmeClient.from(uri);
            return new TargetAddress(
                    uri, fragment < 0 ? DEFAULT_NAMESPACE : namespace(text.substring(fragment + "#ns=".length())));
        }
        Map<String, String> words = words(text);
        String type = words.getOrDefault("trtype", "TCP").toLowerCase(Locale.ROOT);
        String family = words.getOrDefault("adrfam", "IPv4").toLowerCase(Locale.ROOT);
        if (!family.equals("ipv4") && !family.equals("ipv6")) {
            throw new IllegalArgumentException("adrfam '" + family + "' is neither IPv4 nor IPv6");
        }
        String host = required(words, "traddr");
        String uri = "nvme+" + type + "://" + (family.equals("ipv6") ? '[' + host + ']' : host) + ':'
                + words.getOrDefault("trsvcid", Integer.toString(NvmeClient.DEFAULT_PORT)) + '/'
                + required(words, "subnqn");
        NvmeClient.from(uri);
        return new TargetAddress(uri, namespace(words.getOrDefault("ns", Integer.toString(DEFAULT_NAMESPACE))));
    }

    /** The kind of fabric that the address names. */
    TransportType transport() {
        return Stream.of(TransportType.values())
                .filter(type -> uri.toLowerCase(Locale.ROOT).startsWith(type.scheme() + "://"))
                .findFirst()
                .orElseThrow();
    }

    /**
     * The address with more in its query.
     *
     * @param parameters each as {@code name=value}, written as an address has it
     * @throws IllegalArgumentException if the address would not be one
     */
    TargetAddress with(List<String> parameters) {
        String changed = uri;
        for (String parameter : parameters) {
            changed += (changed.indexOf('?') < 0 ? '?' : '&') + parameter;
        }
        NvmeClient.from(changed);
        return new TargetAddress(changed, namespaceId);
    }

    private static Map<String, String> words(String text) {
        Map<String, String> words = new HashMap<>();
        for (String word : text.trim().split("\\s+", -1)) {
            // NQNs and IPv6 addresses have colons, too.
            int colon = word.indexOf(':');
            String key = colon < 0 ? word : word.substring(0, colon).toLowerCase(Locale.ROOT);
            if (colon < 0 || !KEYS.contains(key)) {
                throw new IllegalArgumentException("'" + word
                        + "' is neither a URI such as nvme+tcp://host:4420/subsystem-nqn#ns=1 nor one of trtype:, adrfam:,"
                        + " traddr:, trsvcid:, subnqn:, ns:");
            }
            if (words.put(key, word.substring(colon + 1)) != null) {
                throw new IllegalArgumentException(key + " is given twice");
            }
        }
        return words;
    }

    private static String required(Map<String, String> words, String key) {
        String value = words.get(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(key + ": is missing");
        }
        return value;
    }

    private static int namespace(String text) {
        try {
            long value = Long.parseLong(text);
            if (value >= 1 && value <= MAX_NAMESPACE) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("namespace '" + text + "' is not a number", e);
        }
        throw new IllegalArgumentException("namespace " + text + " is outside 1.." + MAX_NAMESPACE);
    }

    @Override
    public String toString() {
        return uri + " namespace " + Integer.toUnsignedString(namespaceId);
    }
}
