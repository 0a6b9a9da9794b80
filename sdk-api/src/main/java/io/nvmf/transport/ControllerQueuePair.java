package io.nvmf.transport;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The controller's side of a queue pair: command capsules in, data both ways, response capsules out.
 *
 * <p>The role of the queue is learnt from its first command, Connect: until {@link #configure} the queue pair behaves
 * as an admin queue (8,192 bytes of in-capsule data, SQ flow control on).
 */
public interface ControllerQueuePair extends QueuePair {

    /**
     * Received commands in wire order. Hot; one subscriber in the life of the queue pair. Demand drives reading from
     * the peer, but data of transfers in progress is read regardless. The subscriber owns each command and must
     * {@linkplain ReceivedCommand#release() release} it. Completes when the queue pair ends; {@link #termination()} has
     * the reason.
     *
     * @return the received commands
     */
    Flux<ReceivedCommand> commands();

    /**
     * Where the host came to: the address of this end of the connection, which a listener on a wildcard address cannot
     * tell. Always the same, also after the end.
     *
     * @return the address in its canonical form, IPv4 as such also where the socket takes both families; null where the
     *     transport has none or does not know
     */
    default @Nullable TransportAddress localAddress() {
        return null;
    }

    /**
     * Where the host comes from: the address of its end of the connection, for logs. Always the same, also after the
     * end.
     *
     * @return the address in the form of {@link #localAddress()}; null where the transport has none or does not know
     */
    default @Nullable TransportAddress remoteAddress() {
        return null;
    }

    /**
     * How hosts say where the data of a command is. Always the same.
     *
     * @return by default {@link SglSupport#MESSAGES}
     */
    default SglSupport sglSupport() {
        return SglSupport.MESSAGES;
    }

    /**
     * Sets what Connect agreed upon; event loop only, at most once, before the response to Connect is submitted.
     *
     * @param parameters the agreed values
     */
    void configure(ControllerQueuePairParameters parameters);

    /**
     * Names whom to tell about the memory of data; event loop only, at most once, before {@link #commands()} is
     * subscribed to.
     *
     * @param account is told
     * @return false, as this default does, if this queue pair cannot tell: data then counts as gone when it was sent
     */
    default boolean account(DataAccount account) {
        return false;
    }

    /**
     * Sends one response capsule. Cold: each subscription sends it once.
     *
     * @param response the completion queue entry
     * @return completes when the capsule's bytes have been handed to the connection; fails with
     *     {@link QueuePairTerminatedException} when the queue pair ended before
     */
    Mono<Void> transmit(ResponseCapsule response);

    /**
     * Sends one response capsule without a publisher; event loop only. Leaves after all data given to
     * {@link ReceivedCommand#send} before. Dropped silently on an ended queue pair.
     *
     * @param response the completion queue entry
     */
    void submit(ResponseCapsule response);

    /**
     * Backpressure of the connection: while it takes data, a {@code Mono} that is empty at once, which is a
     * {@link java.util.concurrent.Callable}; else one that completes when the connection takes data again. Others may
     * have filled it in the meantime, so whoever has waited asks again. Also completes when the queue pair ends. To be
     * subscribed to where it is asked for.
     *
     * @return completes when more data may be sent without piling up, never an error
     */
    Mono<Void> writable();
}
