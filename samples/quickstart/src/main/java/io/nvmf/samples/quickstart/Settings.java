package io.nvmf.samples.quickstart;

import io.nvmf.spec.TransportType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What the quickstart was asked to do, in system properties.
 *
 * <ul>
 *   <li>{@code nvmf.uri}: the target, {@code nvme+tcp://host:port/subsystem-nqn} or {@code nvme+rdma://…}; without it one
 *       is embedded
 *   <li>{@code nvmf.transport}: of the embedded target, {@code tcp} by default, or {@code rdma}, which is iWARP in software
 *   <li>{@code nvmf.nsid}: the namespace, 1 by default
 *   <li>{@code nvmf.size}: bytes to stream, with K, M or G (powers of 1,024); 1G by default, or the namespace if it is
 *       smaller
 *   <li>{@code nvmf.file}: stream this file instead of generated data
 *   <li>{@code nvmf.interrupt}: {@code true} to cut the connection in the middle of each stream, which goes on
 * </ul>
 *
 * @param uri the target, or null to embed one
 * @param transport of the embedded target
 * @param namespaceId the namespace
 * @param length bytes to stream
 * @param file the file to stream, or null for generated data
 * @param interrupt whether the connection is cut in the middle of each stream
 */
record Settings(
        @Nullable String uri,
        TransportType transport,
        int namespaceId,
        long length,
        @Nullable Path file,
        boolean interrupt) {

    private static final String DEFAULT_SIZE = "1G";
    private static final long MAX_SIZE = 1L << 62;
    private static final long MAX_NAMESPACE_ID = 0xFFFF_FFFEL;

    static Settings from(Properties properties) throws IOException {
        String uri = properties.getProperty("nvmf.uri");
        if (uri != null && properties.containsKey("nvmf.transport")) {
            throw new IllegalArgumentException(
                    "nvmf.transport and nvmf.uri exclude each other: a URI names its transport");
        }
        TransportType transport = transport(properties.getProperty("nvmf.transport", "tcp"));
        int namespaceId = (int) number("nvmf.nsid", properties.getProperty("nvmf.nsid", "1"), MAX_NAMESPACE_ID);
        boolean interrupt = flag("nvmf.interrupt", properties.getProperty("nvmf.interrupt", "false"));
        String fileName = properties.getProperty("nvmf.file");
        if (fileName == null) {
            return new Settings(
                    uri,
                    transport,
                    namespaceId,
                    size(properties.getProperty("nvmf.size", DEFAULT_SIZE)),
                    null,
                    interrupt);
        }
        if (properties.containsKey("nvmf.size")) {
            throw new IllegalArgumentException(
                    "nvmf.size and nvmf.file exclude each other: a file is streamed as a whole");
        }
        Path file = Path.of(fileName);
        if (!Files.isRegularFile(file) || Files.size(file) == 0) {
            throw new IllegalArgumentException("nvmf.file '" + fileName + "' is not a file with something in it");
        }
        return new Settings(uri, transport, namespaceId, Files.size(file), file, interrupt);
    }

    private static TransportType transport(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "tcp" -> TransportType.TCP;
            case "rdma" -> TransportType.RDMA;
            default -> throw new IllegalArgumentException("nvmf.transport '" + text + "' is neither tcp nor rdma");
        };
    }

    private static boolean flag(String name, String text) {
        return switch (text) {
            case "", "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " '" + text + "' is neither true nor false");
        };
    }

    private static long size(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        int shift = upper.endsWith("K") ? 10 : upper.endsWith("M") ? 20 : upper.endsWith("G") ? 30 : 0;
        String digits = shift == 0 ? upper : upper.substring(0, upper.length() - 1);
        return number("nvmf.size", digits, MAX_SIZE >> shift) << shift;
    }

    private static long number(String name, String text, long max) {
        try {
            long value = Long.parseLong(text);
            if (value >= 1 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number", e);
        }
        throw new IllegalArgumentException(name + ' ' + text + " is outside 1.." + max);
    }
}
