package io.nvmf.host.association;

import io.nvmf.host.queue.Failures;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.NamespaceList;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The list of active namespaces, up to 1,024 at a time (NVMe Base Specification, "Active Namespace ID list"). */
public final class ActiveNamespaces {

    private static final long LAST_LIST_START = 0xFFFF_FFFDL;

    private ActiveNamespaces() {}

    /**
     * Reads the list, on demand.
     *
     * @param admin asks
     * @param failures of the association
     * @return identifiers, unsigned and ascending, part by part
     */
    public static Flux<int[]> list(AdminCommands admin, Failures failures) {
        return above(admin, failures, 0).expand(list -> {
            boolean full = list.length == NamespaceList.MAX_ENTRIES;
            int last = full ? list[list.length - 1] : 0;
            return full && Integer.toUnsignedLong(last) <= LAST_LIST_START
                    ? above(admin, failures, last)
                    : Mono.empty();
        });
    }

    private static Mono<int[]> above(AdminCommands admin, Failures failures, int nsid) {
        return admin.identify(
                        new IdentifyCommand(IdentifyCommand.CNS_ACTIVE_NAMESPACES, nsid),
                        data -> NamespaceList.decode(data, 0))
                .doOnNext(list -> {
                    // else the same list over and over would keep this host busy for ever
                    if (list.length > 0 && Integer.compareUnsigned(list[0], nsid) <= 0) {
                        throw failures.protocol("Identify: the list of namespaces above "
                                + Integer.toUnsignedString(nsid) + " begins with " + Integer.toUnsignedString(list[0]));
                    }
                });
    }
}
