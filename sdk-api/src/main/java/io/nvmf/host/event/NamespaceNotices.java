package io.nvmf.host.event;

import io.nvmf.command.NvmeException;
import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.event.NvmeEvent.Resized;
import io.nvmf.host.association.ActiveNamespaces;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NamespaceList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Finds out what the notice "a namespace attribute has changed" is about: reads which ones changed, compares the active
 * namespaces with those from before, and has those looked at that users have. Event loop of the admin queue only.
 */
final class NamespaceNotices {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceNotices.class);

    /** Parts of the list that are read at most; a controller with more namespaces has none of them told as new. */
    static final int MOST_PARTS = 64;

    /** Namespaces that changed; all of them may have if there are more than the page can name. */
    private record Changed(boolean all, SortedSet<Integer> nsids) {

        boolean has(int nsid) {
            return all || nsids.contains(nsid);
        }
    }

    private final Association association;
    private final NamespaceWatch watch;

    /** Active when somebody looked last; null if that is not known. */
    private @Nullable SortedSet<Integer> active;

    NamespaceNotices(Association association, NamespaceWatch watch) {
        this.association = association;
        this.watch = watch;
    }

    /** Notes which namespaces there are. Never an error of the controller's. */
    Mono<Void> begin() {
        return activeNow().doOnNext(now -> active = now.orElse(null)).then();
    }

    /** {@return what has changed, empty if nothing has} */
    Mono<NvmeEvent> changed() {
        return named().flatMap(named -> activeNow().flatMap(now -> {
            SortedSet<Integer> before = active;
            active = now.orElse(null);
            SortedSet<Integer> added = without(active, before);
            SortedSet<Integer> removed = without(before, active);
            return watch.check(association, nsid -> named.has(nsid) || added.contains(nsid) || removed.contains(nsid))
                    .collectList()
                    .onErrorResume(NvmeException.class, failure -> {
                        LOG.debug("[{}] namespaces that have changed cannot be looked at", association.id(), failure);
                        return Mono.just(List.of());
                    })
                    .flatMap(changes -> Mono.justOrEmpty(event(named, added, removed, changes)));
        }));
    }

    private static @Nullable NvmeEvent event(
            Changed named, SortedSet<Integer> added, SortedSet<Integer> removed, List<NamespaceChange> changes) {
        SortedSet<Integer> others = unsigned();
        others.addAll(named.nsids);
        List<Resized> resized = new ArrayList<>();
        for (NamespaceChange change : changes) {
            if (change.resized()) {
                resized.add(new Resized(change.nsid(), change.oldSize(), change.newSize()));
            } else {
                others.add(change.nsid());
            }
        }
        others.removeAll(added);
        others.removeAll(removed);
        resized.forEach(one -> others.remove(one.nsid()));
        resized.sort((one, other) -> Integer.compareUnsigned(one.nsid(), other.nsid()));
        return added.isEmpty() && removed.isEmpty() && resized.isEmpty() && others.isEmpty()
                ? null
                : new NamespacesChanged(List.copyOf(added), List.copyOf(removed), resized, List.copyOf(others));
    }

    private static SortedSet<Integer> unsigned() {
        return new TreeSet<>(Integer::compareUnsigned);
    }

    private static SortedSet<Integer> without(@Nullable SortedSet<Integer> some, @Nullable SortedSet<Integer> others) {
        SortedSet<Integer> rest = unsigned();
        if (some != null && others != null) {
            rest.addAll(some);
            rest.removeAll(others);
        }
        return rest;
    }

    private Mono<Changed> named() {
        return admin().logPage(GetLogPageCommand.of(LogPage.CHANGED_NAMESPACES, ChangedNamespaceList.LENGTH), data -> {
                    SortedSet<Integer> nsids = unsigned();
                    for (int nsid : ChangedNamespaceList.decode(data, 0)) {
                        nsids.add(nsid);
                    }
                    return new Changed(ChangedNamespaceList.overflowed(data, 0), nsids);
                })
                .onErrorResume(NvmeException.class, failure -> {
                    LOG.debug(
                            "[{}] which namespaces have changed is not known: any may have", association.id(), failure);
                    return Mono.just(new Changed(true, unsigned()));
                });
    }

    /** Empty if the list cannot be had, or is too long to be kept. */
    private Mono<Optional<SortedSet<Integer>>> activeNow() {
        return ActiveNamespaces.list(admin(), association.failures())
                .take(MOST_PARTS)
                .collectList()
                .map(NamespaceNotices::joined)
                .onErrorResume(NvmeException.class, failure -> {
                    LOG.debug("[{}] the list of active namespaces cannot be read", association.id(), failure);
                    return Mono.just(Optional.empty());
                });
    }

    private static Optional<SortedSet<Integer>> joined(List<int[]> parts) {
        if (parts.size() == MOST_PARTS && parts.get(MOST_PARTS - 1).length == NamespaceList.MAX_ENTRIES) {
            return Optional.empty();
        }
        SortedSet<Integer> all = unsigned();
        for (int[] part : parts) {
            for (int nsid : part) {
                all.add(nsid);
            }
        }
        return Optional.of(all);
    }

    private AdminCommands admin() {
        return association.adminCommands().essential();
    }
}
