package io.nvmf.rdma.spi;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * Something that moves messages and memory between two machines: a software stack or a device. Found with
 * {@link java.util.ServiceLoader}; of several, the one with the highest {@link #priority()} that {@link #isAvailable is
 * available} is taken, or the one that is named.
 */
public interface RdmaProvider {

    /**
     * The name by which a user chooses it, such as {@code iwarp}.
     *
     * @return lower case letters and digits
     */
    String name();

    /**
     * Order among providers, highest first.
     *
     * @return the priority, 0 for plain software
     */
    default int priority() {
        return 0;
    }

    /**
     * Whether it can work on this machine: its library loads and there is a device. Must not block for long; the answer
     * may be remembered.
     *
     * @return true by default
     */
    default boolean isAvailable() {
        return true;
    }

    /**
     * What it can do.
     *
     * @return the same value always
     */
    RdmaCapabilities capabilities();

    /**
     * The options that it understands, so that they can be set by name.
     *
     * @return the options
     */
    default List<TransportOption<?>> options() {
        return List.of();
    }

    /**
     * Connects. Cold. What is opened is the provider's until the connection is emitted, and the subscriber's from then
     * on; on cancel the provider closes it.
     *
     * @param request where and how
     * @return the connection, on its event loop, on which nothing is delivered before
     *     {@link RdmaConnection#receiver} is called; {@link RdmaRejectedException} when the peer said no,
     *     {@link java.util.concurrent.TimeoutException} when it took too long, another {@link java.io.IOException} when
     *     nobody listens or answers, {@link IllegalArgumentException} when there is too much private data
     */
    Mono<RdmaConnection> connect(RdmaConnectRequest request);

    /**
     * Listens. Cold.
     *
     * @param address where; port 0 takes a free one
     * @param options options of the provider
     * @param acceptor gets each request to connect, on an event loop, and must {@linkplain RdmaIncoming#accept accept}
     *     or {@linkplain RdmaIncoming#reject reject} it, at once or later
     * @return the listener
     */
    Mono<RdmaListener> listen(TransportAddress address, TransportOptions options, Consumer<RdmaIncoming> acceptor);
}
