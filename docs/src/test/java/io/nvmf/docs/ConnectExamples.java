package io.nvmf.docs;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.event.NvmeEvent;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.tcp.TcpOptions;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide.md, "Connect" to "Namespaces". */
final class ConnectExamples {

    private static final Logger log = LoggerFactory.getLogger(ConnectExamples.class);

    private ConnectExamples() {}

    static NvmeClient fluent(String host, int port) {
        NvmeClient client = NvmeClient.create()
                .remoteAddress(host, port)
                .subsystem("nqn.2026-01.com.example:disk")
                .hostNqn("nqn.2026-01.com.example:backup-service")
                .ioQueues(4)
                .queueSize(128)
                .keepAlive(Duration.ofSeconds(15))
                .option(TcpOptions.HEADER_DIGEST, true);
        return client;
    }

    static NvmeClient uri(String authority) {
        NvmeClient client = NvmeClient.from("nvme+tcp://" + authority + "/nqn.2026-01.com.example:disk"
                + "?io-queues=4&keep-alive=15s&header-digest=true");
        return client;
    }

    static NvmeClient recovering(String host, int port) {
        NvmeClient client = NvmeClient.create()
                .remoteAddress(host, port)
                .subsystem("nqn.2026-01.com.example:disk")
                .recovery(Recovery.defaults()
                        .lossTimeout(Duration.ofMinutes(30)) // then the controller is given up
                        .failFast(Duration.ofSeconds(20)) // commands wait no longer than this
                        .patientConnect(true)); // the first connect is repeated, too
        return client;
    }

    static Mono<Boolean> healthy(NvmeController controller) {
        Mono<Boolean> healthy = controller.states().next().map(ControllerState::isLive);
        return healthy;
    }

    static Mono<NvmeController> connect(NvmeClient client) {
        Mono<NvmeController> connecting = client.connect()
                .doOnNext(controller -> controller
                        .onClose()
                        .doFinally(signal -> log.info("ended: {}", controller.termination()))
                        .subscribe());
        return connecting;
    }

    static Mono<Long> once(NvmeClient client) {
        Mono<Long> size = Mono.usingWhen(
                client.connect(),
                controller -> controller.namespace(1).map(NvmeNamespace::size),
                NvmeController::close);
        return size;
    }

    static Flux<DiscoveryLogEntry> discover(String host, int port) {
        Flux<DiscoveryLogEntry> subsystems =
                NvmeClient.create().remoteAddress(host, port).discover();
        return subsystems;
    }

    static Mono<Long> capacity(NvmeController controller) {
        Mono<Long> capacity = controller.namespaces().map(NvmeNamespace::size).reduce(0L, Long::sum);
        return capacity;
    }

    static Flux<NvmeEvent.Resized> resized(NvmeController controller) {
        Flux<NvmeEvent.Resized> resized = controller
                .events()
                .ofType(NvmeEvent.NamespacesChanged.class)
                .flatMapIterable(NvmeEvent.NamespacesChanged::resized);
        return resized;
    }

    static Mono<Long> temperature(NvmeController controller) {
        Mono<Long> kelvin = controller.smartHealth().map(log -> log.get(SmartHealthLog.Field.COMPOSITE_TEMPERATURE));
        return kelvin;
    }
}
