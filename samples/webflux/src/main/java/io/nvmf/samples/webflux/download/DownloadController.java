package io.nvmf.samples.webflux.download;

import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.samples.webflux.GatewayProperties;
import io.nvmf.samples.webflux.connection.Namespaces;
import io.nvmf.samples.webflux.limit.Slots;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.samples.webflux.transfer.Writes;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** {@code GET} and {@code HEAD} of the bytes of a namespace. */
@RestController
class DownloadController {

    private final Namespaces namespaces;
    private final Downloads downloads;

    DownloadController(Namespaces namespaces, Transfers transfers, Writes writes, GatewayProperties properties) {
        this.namespaces = namespaces;
        this.downloads = new Downloads(
                new Slots("downloads", properties.maxDownloads()),
                transfers,
                writes,
                ReadStreamOptions.body().maxBuffered(properties.downloadBuffer().toBytes()));
    }

    @GetMapping("/api/namespaces/{nsid}/data")
    Mono<Void> download(@PathVariable("nsid") String nsid, ServerWebExchange exchange) {
        return namespaces.open(nsid).flatMap(namespace -> downloads.answer(namespace, exchange));
    }
}
