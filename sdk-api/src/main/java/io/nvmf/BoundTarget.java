package io.nvmf;

import io.nvmf.transport.TransportAddress;
import java.net.URI;
import java.util.List;
import reactor.core.publisher.Mono;

/** A target that listens. Thread safe. */
public interface BoundTarget {

    /**
     * Where hosts can connect to; the address of {@link NvmeTarget#bindAddress} if there are several.
     *
     * @return the address with the real port
     */
    TransportAddress address();

    /**
     * The port of {@link #address()}.
     *
     * @return 1..65,535
     */
    int port();

    /**
     * What a host connects to one of the subsystems with: {@link NvmeClient#from(URI)} takes it, whatever is in the
     * name.
     *
     * @param nqn name of a subsystem
     * @return such as {@code nvme+tcp://127.0.0.1:4420/nqn.2024-01.com.example:disk}, percent-encoded where need be
     * @throws IllegalArgumentException if the name is not an NQN
     */
    URI uri(String nqn);

    /**
     * The same for each address that the target listens at: first {@link #uri}, then those of
     * {@link NvmeTarget#alsoListen} in their order.
     *
     * @param nqn name of a subsystem
     * @return one at least
     * @throws IllegalArgumentException if the name is not an NQN
     */
    List<URI> uris(String nqn);

    /**
     * A subsystem, to be changed while it is served. That of discovery ({@link io.nvmf.spec.Nqn#DISCOVERY}) has no
     * namespaces, but hosts to post events to.
     *
     * @param nqn name of a subsystem of this target
     * @return the subsystem
     * @throws IllegalArgumentException if there is none of that name
     */
    BoundSubsystem subsystem(String nqn);

    /**
     * How many associations there are.
     *
     * @return number of controllers
     */
    int controllers();

    /**
     * Ends all associations and all other connections that there are at this moment, and goes on listening: what hosts
     * see when the network between has failed. What is at work in a store goes on; its answer is dropped. Cold: each
     * subscription does it once more.
     *
     * @return completes when the connections have ended and no store works for them any more, but after 1 second
     *     whatever stores do; never an error
     */
    Mono<Void> disconnectAll();

    /**
     * Stops listening, lets commands at work finish for at most the drain timeout, closes all connections, flushes and
     * closes the stores. Cold, done once, whoever subscribes. A connection on which this side had reported a protocol
     * error before is not waited for: the host may close it itself, and when the time of the transport for that is up
     * (NVMe/TCP: 30 s, the option {@code termination-timeout}) it is closed.
     *
     * <p>Takes bounded time whatever stores do: by default 5 seconds for commands, 1 to 2 for what is then still at
     * work in a store, which a warning names, and 10 each for the flush and for the close of all stores at a time
     * ({@link io.nvmf.subsystem.TargetOptions}). Every store is closed, however its flush ends.
     *
     * <p>When it completes the address is free, and the {@link NvmeTarget} that this one came from can be bound again,
     * with the same stores and what they hold.
     *
     * @return completes when all of that is done; an error when a store could not be flushed or closed, or not in time:
     *     the first, with the others suppressed
     */
    Mono<Void> close();

    /**
     * Completes when {@link #close} is done, whoever asked for it. Hot, replayed.
     *
     * @return completes when closed, never an error
     */
    Mono<Void> onClose();
}
