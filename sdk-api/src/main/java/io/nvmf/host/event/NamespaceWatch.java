package io.nvmf.host.event;

import io.nvmf.host.association.Association;
import java.util.function.IntPredicate;
import reactor.core.publisher.Flux;

/** Knows the namespaces that users have. */
public interface NamespaceWatch {

    /**
     * Looks at namespaces again that users have, and lets their users see what has changed.
     *
     * @param association whose controller is asked, with commands that wait behind nobody's
     * @param which the NSIDs to look at
     * @return what has changed; an error if the controller could not be asked
     */
    Flux<NamespaceChange> check(Association association, IntPredicate which);
}
