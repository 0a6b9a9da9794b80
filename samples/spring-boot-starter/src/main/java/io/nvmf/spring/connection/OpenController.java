package io.nvmf.spring.connection;

import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.event.NvmeEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/**
 * A controller and the namespaces of it that somebody has asked for. A namespace is kept until the controller says that
 * it is not what it was; one that could not be opened is not kept.
 */
final class OpenController {

    private final NvmeController controller;
    private final Map<Integer, Mono<NvmeNamespace>> namespaces = new ConcurrentHashMap<>();

    OpenController(NvmeController controller) {
        this.controller = controller;
    }

    NvmeController controller() {
        return controller;
    }

    /** Begins to listen; the controller ends that with itself. */
    void watch() {
        controller.events().subscribe(this::forgetChanged);
    }

    private void forgetChanged(NvmeEvent event) {
        if (event instanceof NvmeEvent.NamespacesChanged changed) {
            changed.removed().forEach(namespaces::remove);
            changed.changed().forEach(namespaces::remove);
        } else if (event instanceof NvmeEvent.Missed) {
            namespaces.clear();
        }
    }

    Mono<NvmeNamespace> namespace(int nsid) {
        Mono<NvmeNamespace> known = namespaces.get(nsid);
        if (known != null) {
            return known;
        }
        // before the first subscription nothing is sent, so it makes no difference whose Mono is kept
        return Mono.defer(() -> namespaces.computeIfAbsent(nsid, this::opened));
    }

    private Mono<NvmeNamespace> opened(int nsid) {
        return controller
                .namespace(nsid)
                .doOnError(failure -> namespaces.remove(nsid))
                .cache();
    }
}
