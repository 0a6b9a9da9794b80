package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
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
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A controller is the face of an association. */
final class DefaultController implements NvmeController {

    private final Association association;
    private final String subsystem;
    private final NvmeQueue adminQueue;
    private final List<NvmeQueue> ioQueues;
    private final NamespaceScan namespaces;

    /** How the association ended; subscribed to from the start, so that the value is there when onClose completes. */
    private volatile Optional<Termination> termination = Optional.empty();

    DefaultController(Association association, String subsystem) {
        this.association = association;
        this.subsystem = subsystem;
        this.adminQueue = new DefaultQueue(association, association.adminQueue());
        this.ioQueues = association.ioQueues().stream()
                .<NvmeQueue>map(queue -> new DefaultQueue(association, queue))
                .toList();
        this.namespaces = new NamespaceScan(association);
        association.termination().subscribe(end -> termination = Optional.of(end));
    }

    @Override
    public int id() {
        return association.controllerId();
    }

    @Override
    public IdentifyController identify() {
        return association.identify();
    }

    @Override
    public Version version() {
        return association.version();
    }

    @Override
    public String subsystem() {
        return subsystem;
    }

    @Override
    public Duration keepAlive() {
        return association.keepAlive();
    }

    @Override
    public boolean sqFlowControl() {
        return association.sqFlowControl();
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
        return Flux.defer(() -> association.isLive() ? namespaces.all() : Flux.error(association.closedFailure()));
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

    private <T> Mono<T> whileLive(Function<AdminCommands, Mono<T>> work) {
        return Mono.defer(() -> association.isLive()
                ? work.apply(association.adminCommands())
                : Mono.error(association.closedFailure()));
    }

    @Override
    public Mono<Void> close() {
        return association.close();
    }

    @Override
    public Mono<Void> onClose() {
        return association.termination().then();
    }

    @Override
    public Optional<Termination> termination() {
        return termination;
    }

    @Override
    public boolean isConnected() {
        return association.isLive();
    }

    @Override
    public String toString() {
        return "NvmeController[" + subsystem + ", id " + id() + ", " + ioQueues.size() + " I/O queues"
                + (isConnected() ? "]" : ", closed]");
    }
}
