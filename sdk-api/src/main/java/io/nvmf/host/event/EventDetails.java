package io.nvmf.host.event;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.AnaChanged;
import io.nvmf.event.NvmeEvent.DiscoveryLogChanged;
import io.nvmf.event.NvmeEvent.ErrorKind;
import io.nvmf.event.NvmeEvent.ErrorReported;
import io.nvmf.event.NvmeEvent.HealthKind;
import io.nvmf.event.NvmeEvent.HealthWarning;
import io.nvmf.event.NvmeEvent.Other;
import io.nvmf.event.NvmeEvent.ReservationChanged;
import io.nvmf.event.NvmeEvent.ReservationKind;
import io.nvmf.event.NvmeEvent.SanitizeFinished;
import io.nvmf.host.association.Association;
import io.nvmf.spec.AnaLog;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.DiscoveryLogHeader;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.SmartHealthLog;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads what an event is about. The log page is read in a way that has the controller tell of the next event (RAE = 0),
 * and it is the page that the specification names for the event, whatever the controller says.
 */
final class EventDetails {

    private static final Logger LOG = LoggerFactory.getLogger(EventDetails.class);

    /** Type 6: a reservation log page is available. */
    private static final int INFO_RESERVATION = 0;

    /** Type 6: a sanitize operation has ended. */
    private static final int INFO_SANITIZE = 1;

    /** Type 6: the same, and blocks were deallocated although that was not asked for. */
    private static final int INFO_SANITIZE_DEALLOCATED = 2;

    /** Bytes of the Reservation Notification log page. */
    private static final int RESERVATION_LENGTH = 64;

    /** Most Reservation Notification log pages that are read for one event: NALP has 8 bits. */
    private static final int MOST_NOTIFICATIONS = 256;

    /** Bytes of the Sanitize Status log page. */
    private static final int SANITIZE_LENGTH = 512;

    /** Most bytes that are read of the ANA log page. */
    private static final long MOST_ANA_BYTES = 1 << 16;

    private record Notification(int type, int pagesLeft, int nsid) {}

    private final Association association;
    private final NamespaceNotices namespaces;
    private final FirmwareActivation firmware;

    EventDetails(Association association, NamespaceNotices namespaces, FirmwareActivation firmware) {
        this.association = association;
        this.namespaces = namespaces;
        this.firmware = firmware;
    }

    /**
     * What an event means.
     *
     * @param event what the controller has answered
     * @return what there is to tell
     */
    Flux<NvmeEvent> of(AsyncEvent event) {
        return switch (event.type()) {
            case AsyncEvent.TYPE_ERROR ->
                page(
                                LogPage.ERROR_INFORMATION,
                                ErrorInformationEntry.LENGTH,
                                data -> ErrorInformationEntry.decode(data, 0))
                        .<NvmeEvent>map(entry -> new ErrorReported(
                                kind(ErrorKind.values(), event.information()),
                                entry.filter(used -> used.errorCount() != 0)))
                        .flux();
            case AsyncEvent.TYPE_SMART_HEALTH ->
                page(LogPage.SMART_HEALTH, SmartHealthLog.LENGTH, data -> new SmartHealthLog().wrap(data, 0))
                        .<NvmeEvent>map(log -> new HealthWarning(kind(HealthKind.values(), event.information()), log))
                        .flux();
            case AsyncEvent.TYPE_NOTICE -> notice(event);
            case AsyncEvent.TYPE_IO_COMMAND_SET -> ofCommandSet(event);
            default -> Flux.just(new Other(event));
        };
    }

    /** The last of the kinds stands for all that have no name. */
    private static <K> K kind(K[] kinds, int information) {
        return kinds[Math.min(information, kinds.length - 1)];
    }

    private Flux<NvmeEvent> notice(AsyncEvent event) {
        return switch (event.information()) {
            case AsyncEvent.INFO_NOTICE_NAMESPACE_CHANGED ->
                namespaces.changed().flux();
            case AsyncEvent.INFO_NOTICE_FIRMWARE_ACTIVATION ->
                Flux.defer(() -> {
                    firmware.starting();
                    return Flux.empty();
                });
            case AsyncEvent.INFO_NOTICE_ANA_CHANGED -> ana().flux();
            case AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED ->
                page(LogPage.DISCOVERY, DiscoveryLogHeader.LENGTH, data -> DiscoveryLogHeader.decode(data, 0))
                        .<NvmeEvent>map(header ->
                                new DiscoveryLogChanged(header.map(known -> OptionalLong.of(known.generationCounter()))
                                        .orElseGet(OptionalLong::empty)))
                        .flux();
            default -> Flux.just(new Other(event));
        };
    }

    private Mono<NvmeEvent> ana() {
        long groups = association.identify().get(IdentifyController.Field.NANAGRPID);
        long most = association.maxTransferBytes() == 0
                ? MOST_ANA_BYTES
                : Math.min(MOST_ANA_BYTES, association.maxTransferBytes());
        long length = Math.min(most & ~3, AnaLog.HEADER_LENGTH + AnaLog.GROUP_LENGTH * groups);
        GetLogPageCommand command = GetLogPageCommand.of(LogPage.ANA, length).withSpecific(AnaLog.LSP_GROUPS_ONLY);
        return page(command, data -> AnaLog.decode(data, 0)).map(AnaChanged::new);
    }

    private Flux<NvmeEvent> ofCommandSet(AsyncEvent event) {
        return switch (event.information()) {
            case INFO_RESERVATION -> reservations();
            case INFO_SANITIZE, INFO_SANITIZE_DEALLOCATED ->
                page(LogPage.SANITIZE_STATUS, SANITIZE_LENGTH, data -> (long) data.getUnsignedShortLE(2))
                        .<NvmeEvent>map(status -> new SanitizeFinished(
                                event.information() == INFO_SANITIZE_DEALLOCATED,
                                status.map(OptionalLong::of).orElseGet(OptionalLong::empty)))
                        .flux();
            default -> Flux.just(new Other(event));
        };
    }

    private Flux<NvmeEvent> reservations() {
        return notification()
                .expand(read -> read.pagesLeft > 0 ? notification() : Mono.empty())
                .take(MOST_NOTIFICATIONS)
                .map(read -> new ReservationChanged(kind(ReservationKind.values(), read.type), read.nsid));
    }

    private Mono<Notification> notification() {
        return page(
                        LogPage.RESERVATION_NOTIFICATION,
                        RESERVATION_LENGTH,
                        data -> new Notification(data.getUnsignedByte(8), data.getUnsignedByte(9), data.getIntLE(12)))
                .flatMap(Mono::justOrEmpty);
    }

    private <T> Mono<Optional<T>> page(int logPage, int length, Function<ByteBuf, T> decoder) {
        return page(GetLogPageCommand.of(logPage, length), decoder);
    }

    /** Empty if the page cannot be had; the event is worth telling all the same. */
    private <T> Mono<Optional<T>> page(GetLogPageCommand command, Function<ByteBuf, T> decoder) {
        return association
                .adminCommands()
                .essential()
                .logPage(command, decoder)
                .map(Optional::of)
                .onErrorResume(NvmeException.class, failure -> {
                    LOG.debug("[{}] the log page of an event cannot be read", association.id(), failure);
                    return Mono.just(Optional.empty());
                });
    }
}
