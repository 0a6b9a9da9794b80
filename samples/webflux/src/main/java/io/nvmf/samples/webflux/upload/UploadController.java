package io.nvmf.samples.webflux.upload;

import io.nvmf.samples.webflux.GatewayProperties;
import io.nvmf.samples.webflux.connection.Namespaces;
import io.nvmf.samples.webflux.limit.Slots;
import io.nvmf.samples.webflux.problem.Refusal;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.samples.webflux.transfer.Writes;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** {@code PUT} and {@code POST} of bytes to a namespace, which are the same here. */
@RestController
class UploadController {

    private final Namespaces namespaces;
    private final Uploads uploads;
    private final boolean readOnly;

    UploadController(Namespaces namespaces, Transfers transfers, Writes writes, GatewayProperties properties) {
        this.namespaces = namespaces;
        this.uploads = new Uploads(
                new Slots("uploads", properties.maxUploads()),
                transfers,
                writes,
                properties.maxUploadSize().toBytes());
        this.readOnly = properties.readOnly();
    }

    @RequestMapping(
            path = "/api/namespaces/{nsid}/data",
            method = {RequestMethod.PUT, RequestMethod.POST},
            produces = MediaType.APPLICATION_JSON_VALUE)
    Mono<UploadResult> upload(@PathVariable("nsid") String nsid, ServerWebExchange exchange) {
        if (readOnly) {
            return Mono.error(Refusal.of(HttpStatus.FORBIDDEN, "uploads are switched off (gateway.read-only)"));
        }
        return namespaces.open(nsid).flatMap(namespace -> uploads.write(namespace, exchange.getRequest()));
    }
}
