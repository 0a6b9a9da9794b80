package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.event.NvmeEvent;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
import io.nvmf.host.event.AssociationEvents;
import io.nvmf.host.event.ControllerEvents;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.recovery.ControllerRecovery;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Require;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.Version;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A controller is the face of its associations, which come and go. */
final class DefaultController implements NvmeController {

    private final ControllerRecovery recovery;
    private final String subsystem;
    private final NvmeQueue adminQueue;
    private final List<NvmeQueue> ioQueues;
    private final NamespaceScan namespaces;
    private final @Nullable Observing observing;
    private final ControllerEvents events;

    /** How the last association ended; subscribed to from the start, so that it is there when onClose completes. */
    private volatile Optional<Termination> termination = Optional.empty();

    /**
     * The face of a controller that is connected.
     *
     * @param client what is told to an observer of the client, if there is one
     */
    DefaultController(ControllerRecovery recovery, String subsystem, @Nullable Observing client) {
        this.recovery = recovery;
        this.subsystem = subsystem;
        this.events = new ControllerEvents(recovery::told);
        this.adminQueue = new DefaultQueue(recovery, recovery.queues(now -> List.of(now.adminQueue())));
        int queues = association().ioQueues().size();
        this.ioQueues = IntStream.range(0, queues)
                .<NvmeQueue>mapToObj(index -> new DefaultQueue(recovery, recovery.queues(now -> queue(now, index))))
                .toList();
        this.observing = client == null ? null : client.of(this::id);
        this.namespaces = new NamespaceScan(
                recovery::association, queues == 0 ? null : recovery.queues(Association::ioQueues), observing);
        if (observing != null) {
            observing.recovery(recovery.states());
        }
        recovery.termination().subscribe(end -> {
            termination = Optional.of(end);
            events.complete();
        });
    }

    /**
     * Gets a new association ready. Events are asked for before the namespaces are looked at, so that no change falls
     * between the two; and that comes before any command of a user, so that no namespace is taken for another one.
     */
    Mono<Void> prepare(Association next) {
        if (observing != null) {
            observing.commands(next);
        }
        Mono<Void> armed = Mono.defer(() -> new AssociationEvents(next, events, namespaces, recovery::pause).start());
        Mono<Void> ready = armed.then(Mono.defer(() -> namespaces.rescan(next)));
        return next == association()
                ? ready
                : ready.then(Mono.fromRunnable(
                        () -> events.tell(new NvmeEvent.Missed(NvmeEvent.MissedReason.RECONNECTED, 0))));
    }

    /** An association that was granted fewer queues than the first one has the same one for several. */
    private static List<HostQueue> queue(Association now, int index) {
        return List.of(now.ioQueues().get(index % now.ioQueues().size()));
    }

    private Association association() {
        return recovery.association();
    }

    @Override
    public int id() {
        return association().controllerId();
    }

    @Override
    public IdentifyController identify() {
        return association().identify();
    }

    @Override
    public Version version() {
        return association().version();
    }

    @Override
    public String subsystem() {
        return subsystem;
    }

    @Override
    public Duration keepAlive() {
        return association().keepAlive();
    }

    @Override
    public boolean sqFlowControl() {
        return association().sqFlowControl();
    }

    @Override
    public List<NvmeQueue> ioQueues() {
        return ioQueues;
    }

    @Override
    public NvmeQueue adminQueue() {
        return adminQueue;
    }

    @Override
    public Flux<NvmeNamespace> namespaces() {
        return Flux.defer(() -> {
            AtomicLong last = new AtomicLong();
            return recovery.manyWithAssociation(now -> namespaces
                    .all()
                    .filter(namespace -> Integer.toUnsignedLong(namespace.id()) > last.get())
                    .doOnNext(namespace -> last.set(Integer.toUnsignedLong(namespace.id()))));
        });
    }

    @Override
    public Mono<NvmeNamespace> namespace(int nsid) {
        Require.range("nsid", Integer.toUnsignedLong(nsid), 1, 0xFFFF_FFFEL);
        return whileLive(admin -> namespaces.open(nsid));
    }

    @Override
    public Mono<ByteBuf> logPage(GetLogPageCommand command) {
        return whileLive(admin -> admin.logPage(command));
    }

    @Override
    public Mono<SmartHealthLog> smartHealth() {
        return whileLive(admin -> admin.logPage(
                GetLogPageCommand.of(LogPage.SMART_HEALTH, SmartHealthLog.LENGTH),
                data -> new SmartHealthLog().wrap(data, 0)));
    }

    @Override
    public Mono<FirmwareSlotLog> firmwareSlots() {
        return whileLive(admin -> admin.logPage(
                GetLogPageCommand.of(LogPage.FIRMWARE_SLOT, FirmwareSlotLog.LENGTH),
                data -> FirmwareSlotLog.decode(data, 0)));
    }

    @Override
    public Flux<ErrorInformationEntry> errorLog() {
        int entries = 1 + (int) identify().get(IdentifyController.Field.ELPE);
        return whileLive(admin -> admin.logPage(
                        GetLogPageCommand.of(LogPage.ERROR_INFORMATION, (long) entries * ErrorInformationEntry.LENGTH),
                        Function.identity()))
                .flatMapMany(data -> Flux.range(0, entries)
                        .map(entry -> ErrorInformationEntry.decode(data, entry * ErrorInformationEntry.LENGTH))
                        .takeWhile(entry -> entry.errorCount() != 0));
    }

    @Override
    public Flux<NvmeEvent> events() {
        return events.flux();
    }

    private <T> Mono<T> whileLive(Function<AdminCommands, Mono<T>> work) {
        return recovery.withAssociation(now -> work.apply(now.adminCommands()));
    }

    @Override
    public Mono<Void> close() {
        return recovery.close();
    }

    @Override
    public Mono<Void> onClose() {
        return recovery.termination().then();
    }

    @Override
    public Optional<Termination> termination() {
        return termination;
    }

    @Override
    public boolean isConnected() {
        return recovery.isLive();
    }

    @Override
    public Flux<ControllerState> states() {
        return recovery.states();
    }

    @Override
    public Mono<Void> reset() {
        return recovery.reset(false);
    }

    @Override
    public Mono<Void> reauthenticate() {
        return recovery.withAssociation(Association::reauthenticate);
    }

    @Override
    public Mono<Void> resetSubsystem() {
        return recovery.reset(true);
    }

    @Override
    public String toString() {
        return "NvmeController[" + subsystem + ", association " + association().id() + ", id " + id() + ", "
                + ioQueues.size() + " I/O queues" + (isConnected() ? "]" : ", closed]");
    }
}
