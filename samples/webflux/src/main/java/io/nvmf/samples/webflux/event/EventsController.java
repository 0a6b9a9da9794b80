package io.nvmf.samples.webflux.event;

import io.nvmf.samples.webflux.GatewayProperties;
import io.nvmf.samples.webflux.connection.AssociationStatus;
import io.nvmf.samples.webflux.limit.Slots;
import io.nvmf.samples.webflux.transfer.Transfers;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** What happens, as server-sent events. A listener first gets the state and the transfers of this moment. */
@RestController
class EventsController {

    private final EventHub hub;
    private final AssociationStatus status;
    private final Transfers transfers;
    private final Slots slots;

    EventsController(EventHub hub, AssociationStatus status, Transfers transfers, GatewayProperties properties) {
        this.hub = hub;
        this.status = status;
        this.transfers = transfers;
        this.slots = new Slots("listeners", properties.maxListeners());
    }

    @GetMapping(path = "/api/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Mono<Void> events(ServerHttpResponse response) {
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(MediaType.TEXT_EVENT_STREAM);
        headers.setConnection("close"); // the stream ends when the gateway stops, which waits for nobody
        DataBufferFactory buffers = response.bufferFactory();
        return response.writeAndFlushWith(
                slots.holdMany(() -> hub.listen(this::first)).map(event -> Mono.just(buffers.wrap(event))));
    }

    private List<byte[]> first() {
        List<byte[]> events = new ArrayList<>();
        events.add(hub.event("state", status.now()));
        transfers.active().forEach(view -> events.add(hub.event("transfer", view)));
        return events;
    }
}
