package io.nvmf.samples.webflux.connection;

import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Which namespaces there are. */
@RestController
@RequestMapping(path = "/api", produces = MediaType.APPLICATION_JSON_VALUE)
class NamespacesController {

    private final Namespaces namespaces;
    private final AssociationStatus status;

    NamespacesController(Namespaces namespaces, AssociationStatus status) {
        this.namespaces = namespaces;
        this.status = status;
    }

    @GetMapping("/namespaces")
    Mono<List<NamespaceView>> list() {
        return namespaces.all().map(NamespaceView::of).collectList();
    }

    @GetMapping("/namespaces/{nsid}")
    Mono<NamespaceView> one(@PathVariable("nsid") String nsid) {
        return namespaces.open(nsid).map(NamespaceView::of);
    }

    @GetMapping("/state")
    StateView state() {
        return status.now();
    }
}
