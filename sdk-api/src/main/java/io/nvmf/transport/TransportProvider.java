package io.nvmf.transport;

import io.nvmf.security.TlsPsk;
import io.nvmf.spec.TransportType;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * Opens queue pairs over one kind of fabric. Found with {@link java.util.ServiceLoader} or registered by hand in a
 * {@link TransportRegistry}; several providers of one type are asked in order of priority.
 *
 * <p>"Not suitable" differs from "failed": an empty {@code Mono}, without side effects, lets the next provider try; an
 * error ends the attempt.
 */
public interface TransportProvider {

    /**
     * The kind of fabric.
     *
     * @return the type served
     */
    TransportType transportType();

    /**
     * Order among providers of the same type, highest first; equal priorities keep the order of registration.
     *
     * @return the priority, 0 for plain software
     */
    default int priority() {
        return 0;
    }

    /**
     * The options this transport understands, so that they can be set by name.
     *
     * @return the options
     */
    default List<TransportOption<?>> options() {
        return List.of();
    }

    /**
     * Connects a host queue pair, including the transport's own handshake (not the Connect command). Cold.
     *
     * <p>What is opened is the provider's until the queue pair is emitted, and the subscriber's from then on. The
     * provider closes it when connecting fails and when the subscription is cancelled, whichever step it is in; what
     * gets ready after a cancel is closed, not emitted. {@link Handover} does that.
     *
     * <p>Nothing of the parameters is sent in place of the Connect command, which follows on the queue pair. A
     * transport whose own handshake has fields for queue or controller identifier fills them from here. One that cannot
     * leave the gap which a controller asks for before in-capsule data goes by {@link
     * HostQueuePairParameters#maxInCapsuleData}, which is 0 then.
     *
     * @param parameters where and how
     * @return the queue pair, reading nothing yet; empty when this provider is not suitable; an error when connecting
     *     failed, which is a {@link java.util.concurrent.TimeoutException}, or a {@link QueuePairTerminatedException}
     *     because of one, when it took too long
     */
    Mono<HostQueuePair> connect(HostQueuePairParameters parameters);

    /**
     * Connects over TLS 1.3 with a pre-shared key. Like {@link #connect(HostQueuePairParameters)} otherwise; it is part
     * of the transport's own handshake.
     *
     * @param parameters where and how
     * @param keys to offer, best first, one at least; they stay the caller's, who closes them when this has ended
     * @return the queue pair, whose {@link QueuePair#tlsIdentity()} is that of one of the keys; an
     *     {@link UnsupportedTlsException}, as by default, where the transport has no TLS
     */
    default Mono<HostQueuePair> connect(HostQueuePairParameters parameters, List<TlsPsk> keys) {
        return Mono.error(() -> new UnsupportedTlsException(transportType()));
    }

    /**
     * Listens for hosts. Cold.
     *
     * @param address where to listen; port 0 takes a free one
     * @param options options of the transport
     * @param acceptor gets each queue pair on its event loop, before anything is read beyond the transport's handshake,
     *     and must subscribe to its commands; if it is a {@link ConnectionGate}, it is asked about each connection
     *     before
     * @return the listener; empty when this provider is not suitable; an error when the address cannot be bound
     */
    Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor);

    /**
     * Listens for hosts that connect over TLS 1.3 with a pre-shared key. Like
     * {@link #listen(TransportAddress, TransportOptions, Consumer)} otherwise.
     *
     * @param address where to listen
     * @param options options of the transport
     * @param tls the keys, and whether there may be connections without
     * @param acceptor gets queue pairs, whose {@link QueuePair#tlsIdentity()} says which key the host has
     * @return the listener; an {@link UnsupportedTlsException}, as by default, where the transport has no TLS
     */
    default Mono<TransportListener> listen(
            TransportAddress address,
            TransportOptions options,
            TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        return Mono.error(() -> new UnsupportedTlsException(transportType()));
    }
}
