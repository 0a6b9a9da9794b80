package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.association.Association;
import io.nvmf.host.association.AssociationParameters;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.Operation;
import io.nvmf.observation.TransferOperation;
import io.nvmf.observation.TransferOperation.Direction;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** What a client and its controllers tell an observer. A client without one has none of these. */
final class Observing implements Operation {

    private final NvmeObserver observer;
    private final AssociationParameters parameters;
    private final IntSupplier controllerId;

    private Observing(NvmeObserver observer, AssociationParameters parameters, IntSupplier controllerId) {
        this.observer = observer;
        this.parameters = parameters;
        this.controllerId = controllerId;
    }

    /** What is told of a client, before there is a controller; null without an observer. */
    static @Nullable Observing of(@Nullable NvmeObserver observer, AssociationParameters parameters) {
        return observer == null ? null : new Observing(observer, parameters, () -> 0);
    }

    /** What is told of a controller of the client. */
    Observing of(IntSupplier id) {
        return new Observing(observer, parameters, id);
    }

    int controllerId() {
        return controllerId.getAsInt();
    }

    @Override
    public String subsystem() {
        return parameters.subsystemNqn();
    }

    @Override
    public TransportType transport() {
        return parameters.transportType();
    }

    @Override
    public TransportAddress address() {
        return parameters.address();
    }

    Mono<NvmeController> connect(Mono<NvmeController> connecting) {
        return Mono.defer(() -> {
            ObservedConnect connect = new ObservedConnect(this);
            return ObservedMono.of(
                    connecting,
                    connect::connected,
                    context -> ObservedOperation.begin(() -> observer.connect(connect, context)));
        });
    }

    Mono<List<DiscoveryLogEntry>> discovery(Mono<List<DiscoveryLogEntry>> reading) {
        return Mono.defer(() -> {
            ObservedDiscovery discovery = new ObservedDiscovery(this);
            return ObservedMono.of(
                    reading,
                    discovery::found,
                    context -> ObservedOperation.begin(() -> observer.discovery(discovery, context)));
        });
    }

    /** Watches the commands of an association, if the observer wants to hear of them. */
    void commands(Association association) {
        if (ObservedOperation.wanted(observer::observesCommands)) {
            ObservedCommands.observe(this, observer, association);
        }
    }

    /** Watches a controller from its first state to its last. */
    void recovery(Flux<ControllerState> states) {
        states.subscribe(new ObservedRecovery(
                this, recovery -> ObservedOperation.begin(() -> observer.recovery(recovery)))::changed);
    }

    Flux<ByteBuf> read(Flux<ByteBuf> stream, int nsid, long offset, long length) {
        return ObservedStream.of(
                stream,
                this,
                new ObservedStream.Description(Direction.READ, nsid, offset, length),
                (before, data) -> before + data.readableBytes());
    }

    Flux<TransferProgress> write(Flux<TransferProgress> stream, int nsid, long offset, WriteStreamOptions options) {
        return ObservedStream.of(
                stream,
                this,
                new ObservedStream.Description(Direction.WRITE, nsid, offset, options.expectedLength()),
                (before, progress) -> progress.bytesWritten());
    }

    @Nullable
    ObservedOperation transfer(TransferOperation transfer, ContextView context) {
        return ObservedOperation.begin(() -> observer.transfer(transfer, context));
    }
}
