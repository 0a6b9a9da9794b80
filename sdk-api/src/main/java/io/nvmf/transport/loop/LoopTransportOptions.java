package io.nvmf.transport.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.spec.Require;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.SharedAllocator;
import io.nvmf.transport.TransportOption;
import java.util.Objects;

/**
 * What a {@link LoopTransport} works with.
 *
 * @param hostExecutors each host queue pair lives on one of these; they stay the caller's to shut down
 * @param controllerExecutors each controller queue pair lives on one of these; they stay the caller's to shut down
 * @param allocator makes every buffer of the transport
 * @param maxTransferSize largest data length of one command in bytes, or {@link HostQueuePair#UNLIMITED}
 */
public record LoopTransportOptions(
        EventExecutorGroup hostExecutors,
        EventExecutorGroup controllerExecutors,
        ByteBufAllocator allocator,
        long maxTransferSize) {

    /** How many receives of one command the controller may have under way by default. */
    public static final int DEFAULT_MAX_RECEIVES = 4;

    /**
     * How many receives of one command the controller may have under way at the host, 1..65,536; default
     * {@value #DEFAULT_MAX_RECEIVES}. Further ones wait in order. Set by the host, as MAXR2T is.
     */
    public static final TransportOption<Integer> MAX_RECEIVES =
            TransportOption.of("max-receives", DEFAULT_MAX_RECEIVES, LoopTransportOptions::parseMaxReceives);

    private static final int MAX_MAX_RECEIVES = 65_536;

    /**
     * Checks the values.
     *
     * @param hostExecutors not null
     * @param controllerExecutors not null
     * @param allocator not null
     * @param maxTransferSize at least 0
     */
    public LoopTransportOptions {
        Objects.requireNonNull(hostExecutors, "hostExecutors");
        Objects.requireNonNull(controllerExecutors, "controllerExecutors");
        Objects.requireNonNull(allocator, "allocator");
        Require.notNegative("maxTransferSize", maxTransferSize);
    }

    /**
     * Executors shared by all in-JVM transports of this JVM, on daemon threads; the {@link SharedAllocator}; no limit
     * on the transfer size.
     *
     * @return the defaults
     */
    public static LoopTransportOptions defaults() {
        return new LoopTransportOptions(
                SharedExecutors.GROUP, SharedExecutors.GROUP, SharedAllocator.INSTANCE, HostQueuePair.UNLIMITED);
    }

    /**
     * These options with other executors. A single executor is a group, too.
     *
     * @param host for host queue pairs
     * @param controller for controller queue pairs
     * @return new options
     */
    public LoopTransportOptions withExecutors(EventExecutorGroup host, EventExecutorGroup controller) {
        return new LoopTransportOptions(host, controller, allocator, maxTransferSize);
    }

    /**
     * These options with another allocator.
     *
     * @param other makes every buffer of the transport
     * @return new options
     */
    public LoopTransportOptions withAllocator(ByteBufAllocator other) {
        return new LoopTransportOptions(hostExecutors, controllerExecutors, other, maxTransferSize);
    }

    /**
     * These options with another limit.
     *
     * @param bytes largest data length of one command, or {@link HostQueuePair#UNLIMITED}
     * @return new options
     */
    public LoopTransportOptions withMaxTransferSize(long bytes) {
        return new LoopTransportOptions(hostExecutors, controllerExecutors, allocator, bytes);
    }

    private static Integer parseMaxReceives(String text) {
        int value;
        try {
            value = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("max-receives '" + text + "' is not a number", e);
        }
        return requireMaxReceives(value);
    }

    static int requireMaxReceives(int value) {
        return Require.range("max-receives", value, 1, MAX_MAX_RECEIVES);
    }

    /** Started by the first transport that has no executors of its own. */
    private static final class SharedExecutors {
        static final EventExecutorGroup GROUP = new DefaultEventExecutorGroup(
                Math.max(2, Runtime.getRuntime().availableProcessors()), new DefaultThreadFactory("nvmf-local", true));
    }
}
