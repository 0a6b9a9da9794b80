package io.nvmf.transport;

import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The host's side of a queue pair: command capsules out, response capsules in.
 *
 * <p>For a command with data, three signals are independent: the capsule was transmitted, its data transfer ended
 * ({@link CommandCapsule#transferComplete}), and its response arrived ({@link #responses()}). The last two are
 * unordered for data sent to the controller; for data received, the transfer always ends before the response is
 * delivered. A command is done when both are in. A response also ends a transfer that is not complete: regularly, with
 * the bytes that have moved.
 */
public interface HostQueuePair extends QueuePair {

    /** {@link #maxTransferSize()} of a transport without a limit of its own. */
    long UNLIMITED = 0;

    /**
     * Where this queue pair is connected to, in a form that needs no resolving, so that the other queue pairs of an
     * association go there, too.
     *
     * @return empty if that is where it was told to connect to
     */
    default Optional<TransportAddress> remoteAddress() {
        return Optional.empty();
    }

    /**
     * What both sides have agreed on when the connection was made, for the log: digests, say.
     *
     * @return words for a reader; empty if there is nothing to say
     */
    default String agreement() {
        return "";
    }

    /**
     * How this transport says where the data of a command is, which the controller must be able to follow. Always the
     * same.
     *
     * @return by default {@link SglSupport#MESSAGES}
     */
    default SglSupport sglSupport() {
        return SglSupport.MESSAGES;
    }

    /**
     * The largest data length of one command that this transport can carry.
     *
     * @return bytes, or {@link #UNLIMITED}
     */
    long maxTransferSize();

    /**
     * Response capsules in wire order. Hot; one subscriber in the life of the queue pair, later ones get
     * {@link IllegalStateException}. Demand drives reading from the peer, but data of transfers in progress is read
     * regardless. Completes when the queue pair ends, for whatever reason; {@link #termination()} has the reason.
     *
     * @return the received responses
     */
    Flux<ResponseCapsule> responses();

    /**
     * Sends one command capsule. Cold: each subscription sends it once. Cancelling before the capsule is converted to
     * bytes withdraws it, so that it never leaves, and aborts its data transfer; cancelling later has no effect. That
     * is decided on the thread that cancels: when {@code cancel()} has returned, a capsule that is no bytes yet never
     * will be.
     *
     * @param capsule the command, its identifier set and unique among those outstanding
     * @return completes when the capsule's bytes have been handed to the connection; fails with
     *     {@link QueuePairTerminatedException} when the queue pair ended before, and with
     *     {@link java.util.concurrent.CancellationException} when the capsule was not
     *     {@linkplain CommandCapsule#wanted wanted}
     */
    Mono<Void> transmit(CommandCapsule capsule);

    /**
     * Sends one command capsule without a publisher; event loop only. Capsules leave in the order of submission and
     * those submitted within one turn of the event loop leave in one gathered write. Never blocks and never throws for
     * the state of the connection: on an ended queue pair the capsule's transfer is aborted and nothing else happens. A
     * capsule that is not {@linkplain CommandCapsule#wanted wanted} when its turn comes is withdrawn.
     *
     * @param capsule the command, its identifier set and unique among those outstanding
     */
    void submit(CommandCapsule capsule);

    /**
     * Takes back a submitted capsule that has not been converted to bytes yet; event loop only. Its transfer is
     * aborted.
     *
     * @param capsule a submitted capsule
     * @return true if the capsule will never leave, false if it has left or was not submitted
     */
    boolean withdraw(CommandCapsule capsule);

    /**
     * Takes the memory of a command that receives data out of reach, because nobody wants the data any more; event loop
     * only. What the controller still sends for it is thrown away instead of being written. Nothing else changes: the
     * transfer ends as it would, and is reported with the same number of bytes.
     *
     * @param capsule a capsule that has left, or is leaving, and receives data
     * @return true if neither this transport nor the peer touches the memory from now on, so that it may be released
     *     before the transfer ends; false, which is the default, if that cannot be had, for example because the peer
     *     itself writes into the memory: then it is out of reach when the transfer ends
     */
    default boolean discardData(CommandCapsule capsule) {
        return false;
    }
}
