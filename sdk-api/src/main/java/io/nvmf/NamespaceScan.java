package io.nvmf;

import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.ActiveNamespaces;
import io.nvmf.host.association.Association;
import io.nvmf.host.event.NamespaceChange;
import io.nvmf.host.event.NamespaceWatch;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.BlockAccess;
import io.nvmf.namespace.NamespaceState;
import io.nvmf.spec.StatusCode;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Finds and identifies namespaces, and refuses those that this SDK cannot read and write. It knows those that it has
 * handed out, whichever association it was, and looks at them again when told to.
 */
final class NamespaceScan implements NamespaceWatch {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceScan.class);

    private final Supplier<Association> current;

    /** One for all namespaces, so that the commands of all take turns; null for a controller without I/O queues. */
    private final @Nullable QueueSelector queues;

    /** What is told to an observer, if there is one. */
    private final @Nullable Observing observing;

    private final NamespaceRegistry handedOut = new NamespaceRegistry();

    /**
     * A scan with nothing handed out.
     *
     * @param current the association that commands of users go to
     * @param queues chooses the queue of each command, null for a controller without I/O queues
     * @param observing what is told to an observer of streams, if there is one
     */
    NamespaceScan(Supplier<Association> current, @Nullable QueueSelector queues, @Nullable Observing observing) {
        this.current = current;
        this.queues = queues;
        this.observing = observing;
    }

    /**
     * The usable active namespaces; one that vanishes between list and identification is left out like one of no use.
     */
    Flux<NvmeNamespace> all() {
        return Flux.defer(() -> {
                    Association association = current.get();
                    return ActiveNamespaces.list(association.adminCommands(), association.failures());
                })
                .concatMap(list -> Flux.fromStream(() -> Arrays.stream(list).boxed()), 0)
                .concatMap(
                        nsid -> open(nsid).onErrorResume(NamespaceScan::isUseless, reason -> {
                            LOG.debug("namespace {} is left out", Integer.toUnsignedString(nsid), reason);
                            return Mono.empty();
                        }),
                        0);
    }

    /**
     * Opens a namespace.
     *
     * @param nsid namespace identifier
     * @return the namespace; several that were opened one after the other share what is known of it
     */
    Mono<NvmeNamespace> open(int nsid) {
        return Mono.defer(() -> {
            Association association = current.get();
            return NamespaceIdentification.first(association, nsid)
                    .identify()
                    .map(now -> face(association, handedOut.opened(now)));
        });
    }

    private NvmeNamespace face(Association association, NamespaceState state) {
        if (queues == null) {
            throw new IllegalArgumentException("a namespace needs at least one I/O queue");
        }
        BlockAccess blocks = new BlockAccess(
                state,
                association.identify().volatileWriteCache(),
                queues,
                association.failures().forQueue(1));
        return new DefaultNamespace(blocks, observing);
    }

    /**
     * Looks at all namespaces again that users have, before commands of theirs go over a new association: updates
     * sizes, and marks those that cannot be used any more.
     *
     * @param next the new association
     * @return completes when that is done; an error if the controller could not be asked
     */
    Mono<Void> rescan(Association next) {
        return check(next, nsid -> true).then();
    }

    @Override
    public Flux<NamespaceChange> check(Association association, IntPredicate which) {
        return Flux.defer(() -> Flux.fromIterable(handedOut.all()))
                .filter(state -> which.test(state.nsid()))
                .concatMap(state -> check(association, state), 0);
    }

    private Mono<NamespaceChange> check(Association association, NamespaceState state) {
        return Mono.defer(() -> {
            long before = state.size();
            return NamespaceIdentification.again(association, state.nsid())
                    .identify()
                    .map(state::update)
                    .onErrorResume(NamespaceScan::isUnusable, reason -> Mono.just(lost(state, reason)))
                    .filter(change -> change != NamespaceState.Change.NONE)
                    .map(change -> new NamespaceChange(
                            state.nsid(), change == NamespaceState.Change.RESIZED, before, state.size()));
        });
    }

    /** What it is now may be told by a structure with impossible values, too. */
    private static boolean isUnusable(Throwable failure) {
        return isUseless(failure)
                || isOutOfReach(failure)
                || (failure instanceof NvmeProtocolException broken
                        && broken.detectedBy().isEmpty());
    }

    /**
     * The namespace exists, and the controller does not get at it. Linux says so of one that is disabled, for as long as
     * it is. Nobody can know whether it is the same one, and the controller and its other namespaces do not wait for it.
     */
    private static boolean isOutOfReach(Throwable failure) {
        return failure instanceof NvmeStatusException answer && answer.status().is(StatusCode.INTERNAL_PATH_ERROR);
    }

    private static NamespaceState.Change lost(NamespaceState state, Throwable reason) {
        boolean gone = NamespaceIdentification.isInactive(reason);
        state.lose(gone ? "it is not active" : String.valueOf(reason.getMessage()));
        LOG.debug("namespace {} cannot be used", Integer.toUnsignedString(state.nsid()), reason);
        return gone ? NamespaceState.Change.GONE : NamespaceState.Change.REPLACED;
    }

    private static boolean isUseless(Throwable failure) {
        return NamespaceIdentification.isInactive(failure) || NamespaceIdentification.isUnsupported(failure);
    }
}
