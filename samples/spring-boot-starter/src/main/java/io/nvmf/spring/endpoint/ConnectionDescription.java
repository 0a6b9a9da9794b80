package io.nvmf.spring.endpoint;

import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionAddress;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.spring.connection.StateWord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What there is to say of a connection, by name, in the order in which people look for it. Where it goes and what was
 * negotiated, but no setting of the client: what may be a secret one day is not here.
 */
final class ConnectionDescription {

    private final Duration limit;

    /**
     * Descriptions.
     *
     * @param limit how long a controller has to tell its namespaces
     */
    ConnectionDescription(Duration limit) {
        this.limit = limit;
    }

    /** Only names, numbers, texts, and lists and maps of them, so that every format has them. Never an error. */
    Mono<Map<String, Object>> of(NvmeConnection connection) {
        return Mono.defer(() -> {
            ControllerState state = LatestState.of(connection).orElse(null);
            Map<String, Object> start = start(connection, state);
            if (state == null || !state.isLive()) {
                return Mono.just(start);
            }
            // one of an application may be live and give no controller
            return connection
                    .controller()
                    .timeout(limit)
                    .flatMap(controller -> live(controller, start))
                    .onErrorResume(failure -> Mono.just(with(start, "reason", text(failure))));
        });
    }

    private static Map<String, Object> start(NvmeConnection connection, @Nullable ControllerState state) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("address", ConnectionAddress.of(connection));
        ConnectionAddress.subsystem(connection).ifPresent(subsystem -> all.put("subsystem", subsystem));
        all.put("state", state == null ? StateWord.IDLE : StateWord.of(state));
        if (state instanceof ControllerState.Live live) {
            all.put("association", live.generation());
        } else if (state instanceof ControllerState.Connecting connecting) {
            all.put("attempt", connecting.attempt());
        } else if (state instanceof ControllerState.Reconnecting reconnecting) {
            all.put("attempt", reconnecting.attempt());
            all.put("next", reconnecting.next().toString());
            reconnecting.reason().ifPresent(reason -> all.put("reason", String.valueOf(reason.getMessage())));
        }
        return all;
    }

    private Mono<Map<String, Object>> live(NvmeController controller, Map<String, Object> start) {
        Map<String, Object> all = with(start, "controller", controller(controller));
        return controller
                .namespaces()
                .map(ConnectionDescription::namespace)
                .collectList()
                .timeout(limit)
                .map(namespaces -> with(all, "namespaces", namespaces))
                .onErrorResume(failure -> Mono.just(with(all, "namespacesReason", text(failure))));
    }

    private static Map<String, Object> controller(NvmeController controller) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", controller.id());
        all.put("version", controller.version().toString());
        all.put("model", controller.identify().modelNumber());
        all.put("firmware", controller.identify().firmwareRevision());
        all.put("keepAlive", controller.keepAlive().toString());
        all.put("sqFlowControl", controller.sqFlowControl());
        all.put("adminQueue", queue(controller.adminQueue()));
        all.put(
                "ioQueues",
                controller.ioQueues().stream().map(ConnectionDescription::queue).toList());
        return all;
    }

    private static Map<String, Object> queue(NvmeQueue queue) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", queue.id());
        all.put("depth", queue.depth());
        return all;
    }

    private static Map<String, Object> namespace(NvmeNamespace namespace) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("nsid", Integer.toUnsignedLong(namespace.id()));
        all.put("size", namespace.size());
        all.put("blockSize", namespace.blockSize());
        all.put("maxTransferBlocks", namespace.maxTransferBlocks());
        all.put("readOnly", namespace.readOnly());
        return all;
    }

    private static Map<String, Object> with(Map<String, Object> start, String name, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(start);
        all.put(name, value);
        return all;
    }

    private String text(Throwable failure) {
        return failure instanceof TimeoutException
                ? "no answer within " + limit.toMillis() + " ms"
                : String.valueOf(failure.getMessage());
    }
}
