package io.nvmf.rdma;

import io.nvmf.spec.Require;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.util.List;
import java.util.Locale;

/**
 * Options of the RDMA transport, for {@link TransportOptions} and, by name, for the query of a URI. Providers have
 * options of their own beside these.
 */
public final class RdmaOptions {

    /** Default of {@link #IN_CAPSULE_DATA}, in bytes. */
    public static final int DEFAULT_IN_CAPSULE_DATA = 8192;

    /** Largest {@link #IN_CAPSULE_DATA}, in bytes. */
    public static final int MAX_IN_CAPSULE_DATA = 1 << 20;

    /** Default of {@link #MAX_QUEUE_SIZE}. */
    public static final int DEFAULT_MAX_QUEUE_SIZE = 1024;

    /** Default of {@link #MAX_READS}. */
    public static final int DEFAULT_MAX_READS = 16;

    /** Default of {@link #BOUNCE_MEMORY}, in bytes. */
    public static final int DEFAULT_BOUNCE_MEMORY = 4 << 20;

    private static final int CAPSULE_UNIT = 16;

    /**
     * {@code rdma-provider}: the name of the provider of RDMA, such as {@code iwarp}. Empty, which is the default, takes
     * the one with the highest priority that can work on this machine.
     */
    public static final TransportOption<String> PROVIDER = TransportOption.of("rdma-provider", "", text -> text);

    /**
     * {@code in-capsule-data}: bytes of data that a controller takes within an I/O command capsule, a multiple of 16 in
     * 0..{@value #MAX_IN_CAPSULE_DATA}. Default {@value #DEFAULT_IN_CAPSULE_DATA}. Each place for a command is that much
     * larger. Admin capsules never carry data.
     */
    public static final TransportOption<Integer> IN_CAPSULE_DATA = TransportOption.of(
            "in-capsule-data",
            DEFAULT_IN_CAPSULE_DATA,
            text -> number("in-capsule-data", text),
            value -> Require.multiple(
                    "in-capsule-data", Require.range("in-capsule-data", value, 0, MAX_IN_CAPSULE_DATA), CAPSULE_UNIT),
            String::valueOf);

    /**
     * {@code remote-invalidation}: whether a host asks the controller to invalidate the key of a command with its
     * response, and whether a controller does so where it is asked. Default true. Without it a host takes its memory out
     * of the controller's reach by itself, and asks all the same where its provider cannot do that.
     */
    public static final TransportOption<Boolean> REMOTE_INVALIDATION =
            TransportOption.of("remote-invalidation", true, RdmaOptions::flag);

    /**
     * {@code max-queue-size}: entries of the largest submission queue for which a controller takes a connection,
     * 2..65,536. Default {@value #DEFAULT_MAX_QUEUE_SIZE}. It bounds the places for commands of one connection.
     */
    public static final TransportOption<Integer> MAX_QUEUE_SIZE = TransportOption.of(
            "max-queue-size",
            DEFAULT_MAX_QUEUE_SIZE,
            text -> number("max-queue-size", text),
            value -> Require.range("max-queue-size", value, 2, 65_536),
            String::valueOf);

    /**
     * {@code max-reads}: RDMA reads that a host serves, or a controller issues, at once, 1..255. Default
     * {@value #DEFAULT_MAX_READS}. The provider and the peer may lower it.
     */
    public static final TransportOption<Integer> MAX_READS = TransportOption.of(
            "max-reads",
            DEFAULT_MAX_READS,
            text -> number("max-reads", text),
            value -> Require.range("max-reads", value, 1, 255),
            String::valueOf);

    /**
     * {@code bounce-memory}: bytes of a connection into which data is copied where the provider reaches its own memory
     * only, from 1 on. Default {@value #DEFAULT_BOUNCE_MEMORY}. Commands beyond wait; one that needs more than is free
     * goes when any is. Providers that reach any memory need none.
     */
    public static final TransportOption<Integer> BOUNCE_MEMORY = TransportOption.of(
            "bounce-memory",
            DEFAULT_BOUNCE_MEMORY,
            text -> number("bounce-memory", text),
            value -> Require.positive("bounce-memory", value),
            String::valueOf);

    private RdmaOptions() {}

    static List<TransportOption<?>> all() {
        return List.of(PROVIDER, IN_CAPSULE_DATA, REMOTE_INVALIDATION, MAX_QUEUE_SIZE, MAX_READS, BOUNCE_MEMORY);
    }

    private static boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private static int number(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number", e);
        }
    }
}
