package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.AnaChanged;
import io.nvmf.event.NvmeEvent.DiscoveryLogChanged;
import io.nvmf.event.NvmeEvent.ErrorKind;
import io.nvmf.event.NvmeEvent.ErrorReported;
import io.nvmf.event.NvmeEvent.FirmwareActivationFinished;
import io.nvmf.event.NvmeEvent.FirmwareActivationStarting;
import io.nvmf.event.NvmeEvent.HealthKind;
import io.nvmf.event.NvmeEvent.HealthWarning;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.event.NvmeEvent.Other;
import io.nvmf.event.NvmeEvent.ReservationChanged;
import io.nvmf.event.NvmeEvent.ReservationKind;
import io.nvmf.event.NvmeEvent.Resized;
import io.nvmf.event.NvmeEvent.SanitizeFinished;
import io.nvmf.spec.AnaLog;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a controller tells, and what this host makes of it. */
class ControllerEventsTest {

    private static final int ALL_NOTICES = 0xFFFF_FF00;
    private static final int SLOTS_OF_EVENTS = 4;

    private final ScriptedController controller = new ScriptedController();

    /** Requests that the controller has not answered. */
    private final ArrayDeque<ScriptedController.Exchange> parked = new ArrayDeque<>();

    private final List<String> bytes = new ArrayList<>();
    private final Recorder<NvmeEvent> events = new Recorder<>(Long.MAX_VALUE);

    ControllerEventsTest() {
        controller.identify().set(Field.OAES, ALL_NOTICES & 0xFFFF_FFFFL).set(Field.AERL, 7);
        controller.on("Event Request", exchange -> {
            note(exchange);
            parked.add(exchange);
        });
    }

    @AfterEach
    void cut() {
        controller.cut();
    }

    private void note(ScriptedController.Exchange exchange) {
        ByteBuf entry = exchange.command.entry().buffer();
        int index = exchange.command.entry().index();
        bytes.add(ByteBufUtil.hexDump(entry, index, 1) + " nsid " + ByteBufUtil.hexDump(entry, index + 4, 4) + " cdw10 "
                + ByteBufUtil.hexDump(entry, index + 40, 24));
    }

    private NvmeController connect() {
        NvmeController connected = controller.connect(controller.client());
        connected.events().subscribe(events);
        return connected;
    }

    private void tell(int type, int information, int logPage) {
        tell(new AsyncEvent(type, information, logPage, 0));
    }

    private void tell(AsyncEvent event) {
        parked.remove().answer(Status.SUCCESS, event.encode(), event.specific());
    }

    private void tellNamespacesChanged() {
        tell(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_NAMESPACE_CHANGED, LogPage.CHANGED_NAMESPACES);
    }

    private void page(String line, int length, Consumer<ByteBuf> contents) {
        controller.on(line, exchange -> {
            note(exchange);
            ByteBuf page = Unpooled.wrappedBuffer(new byte[length]);
            contents.accept(page);
            exchange.send(page);
        });
    }

    private void changedNamespaces(int... nsids) {
        page("Log 04h 0+4096", 4096, page -> ChangedNamespaceList.encode(page, 0, nsids));
    }

    private NvmeNamespace open(NvmeController connected, int nsid) {
        AtomicReference<NvmeNamespace> opened = new AtomicReference<>();
        connected.namespace(nsid).subscribe(opened::set);
        return opened.get();
    }

    @Test
    @Covers("Features 0Bh names the events before the first request, and only those that the controller has")
    void eventsAreNamedBeforeTheFirstRequest() {
        controller.identify().set(Field.OAES, 1 << 8 | 1 << 31 & 0xFFFF_FFFFL);
        controller.on("Set Features 0Bh 11Fh", exchange -> {
            note(exchange);
            assertThat(parked).isEmpty();
            exchange.succeed();
        });
        connect();

        assertThat(bytes).hasSize(1 + SLOTS_OF_EVENTS);
        assertThat(bytes.get(0)).isEqualTo("09 nsid 00000000 cdw10 " + "0b000000" + "1f010000" + "00".repeat(16));
        assertThat(bytes.get(1)).isEqualTo("0c nsid 00000000 cdw10 " + "00".repeat(24));
    }

    @Test
    @Covers("No more requests than AERL + 1, nor than 4")
    void requestsAreAsManyAsTheControllerTakes() {
        connect();
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);

        controller.cut();
        parked.clear();
        controller.identify().set(Field.AERL, 1);
        connect();
        assertThat(parked).hasSize(2);
    }

    @Test
    void aControllerWithoutTheFeatureIsAskedForNothing() {
        controller.on("Set Features 0Bh B1Fh", exchange -> exchange.fail(StatusCode.INVALID_FIELD));

        assertThat(connect().isConnected()).isTrue();

        assertThat(parked).isEmpty();
        assertThat(events.isDone()).isFalse();
    }

    @Test
    void aControllerThatDoesNotAnswerIsNotWaitedForLongerThanForAnyStep() {
        controller.on("Set Features 0Bh B1Fh", exchange -> {});
        Recorder<NvmeController> connecting = new Recorder<>(1);
        controller.client().connect().subscribe(connecting);

        controller.timer.advanceTimeBy(NvmeClient.DEFAULT_CONNECT_TIMEOUT);

        assertThat(connecting.errors).singleElement().isInstanceOfSatisfying(NvmeTimeoutException.class, failure -> {
            assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
        });
        controller.assertNothingOpen();
    }

    @Test
    @Covers("An event's log page is read without RAE, then the request is sent again")
    void anErrorComesWithItsNewestEntry() {
        ErrorInformationEntry entry =
                new ErrorInformationEntry(5, 1, 2, Status.of(StatusCode.INTERNAL_ERROR), 0xFFFF, 3, 1, 3, 2, 0);
        page("Log 01h 0+64", 64, page -> {
            assertThat(parked).hasSize(SLOTS_OF_EVENTS - 1);
            entry.encode(page, 0);
        });
        connect();
        bytes.clear();

        tell(AsyncEvent.TYPE_ERROR, AsyncEvent.INFO_ERROR_PERSISTENT_INTERNAL, LogPage.ERROR_INFORMATION);

        assertThat(events.elements).singleElement().isInstanceOfSatisfying(ErrorReported.class, error -> {
            assertThat(error.kind()).isEqualTo(ErrorKind.PERSISTENT_INTERNAL);
            assertThat(error.needsReset()).isTrue();
            assertThat(error.newest()).contains(entry);
        });
        assertThat(bytes)
                .containsExactly(
                        "02 nsid ffffffff cdw10 " + "01000f00" + "00".repeat(20),
                        "0c nsid 00000000 cdw10 " + "00".repeat(24));
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void anEventWhosePageCannotBeReadIsToldWithoutIt() {
        controller.on("Log 01h 0+64", exchange -> exchange.fail(StatusCode.INTERNAL_ERROR));
        controller.on("Log 02h 0+512", ScriptedController.Exchange::succeed);
        connect();

        tell(AsyncEvent.TYPE_ERROR, 99, LogPage.ERROR_INFORMATION);
        tell(AsyncEvent.TYPE_SMART_HEALTH, 99, LogPage.SMART_HEALTH);

        assertThat(events.elements.get(0)).isInstanceOfSatisfying(ErrorReported.class, error -> {
            assertThat(error.kind()).isEqualTo(ErrorKind.OTHER);
            assertThat(error.newest()).isEmpty();
        });
        assertThat(events.elements.get(1)).isInstanceOfSatisfying(HealthWarning.class, warning -> {
            assertThat(warning.kind()).isEqualTo(HealthKind.OTHER);
            assertThat(warning.log()).isEmpty();
        });
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void aHealthWarningComesWithTheLog() {
        page(
                "Log 02h 0+512",
                512,
                page -> new SmartHealthLog().wrap(page, 0).set(SmartHealthLog.Field.COMPOSITE_TEMPERATURE, 350));
        connect();

        tell(AsyncEvent.TYPE_SMART_HEALTH, 1, LogPage.SMART_HEALTH);

        assertThat(events.elements).singleElement().isInstanceOfSatisfying(HealthWarning.class, warning -> {
            assertThat(warning.kind()).isEqualTo(HealthKind.TEMPERATURE);
            assertThat(warning.log().orElseThrow().get(SmartHealthLog.Field.COMPOSITE_TEMPERATURE))
                    .isEqualTo(350);
        });
    }

    @Test
    @Covers("Changed namespaces are read, told as added, removed or resized, and seen by those who have them")
    void namespacesThatChangeAreToldAndSeen() {
        controller.namespaces.put(2, namespace -> {});
        controller.namespaces.put(3, namespace -> {});
        NvmeController connected = connect();
        NvmeNamespace one = open(connected, 1);
        NvmeNamespace two = open(connected, 2);
        bytes.clear();
        controller.namespaces.put(1, namespace -> namespace.set(IdentifyNamespace.Field.NSZE, 2000));
        controller.namespaces.remove(2);
        controller.namespaces.put(-2, namespace -> {});
        changedNamespaces(1, 2, 3, -2);

        tellNamespacesChanged();

        assertThat(events.elements)
                .containsExactly(new NamespacesChanged(
                        List.of(-2), List.of(2), List.of(new Resized(1, 512_000, 1_024_000)), List.of(3)));
        assertThat(one.blocks()).isEqualTo(2000);
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        two.flush().subscribe(nothing -> {}, refusal::set);
        assertThat(refusal.get()).hasMessageContaining("namespace 2 cannot be used any more: it is not active");
        assertThat(bytes).first().isEqualTo("02 nsid ffffffff cdw10 " + "0400ff03" + "00".repeat(20));
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void anotherNamespaceUnderTheSameNsidIsToldAsChanged() {
        NvmeController connected = connect();
        NvmeNamespace one = open(connected, 1);
        controller.uuids.put(1, new UUID(9, 9));
        changedNamespaces(1);

        tellNamespacesChanged();

        assertThat(events.elements).containsExactly(new NamespacesChanged(List.of(), List.of(), List.of(), List.of(1)));
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        one.flush().subscribe(nothing -> {}, refusal::set);
        assertThat(refusal.get()).hasMessageContaining("another namespace");
    }

    @Test
    @Covers("FFFFFFFFh instead of a list means that any namespace may have changed")
    void moreChangesThanThePageCanNameHaveAllNamespacesLookedAt() {
        controller.namespaces.put(2, namespace -> {});
        NvmeController connected = connect();
        NvmeNamespace one = open(connected, 1);
        NvmeNamespace two = open(connected, 2);
        for (int nsid = 1; nsid <= 1500; nsid++) {
            controller.namespaces.put(nsid, namespace -> namespace.set(IdentifyNamespace.Field.NSZE, 2000));
        }
        changedNamespaces(IntStream.rangeClosed(1, 1500).toArray());

        tellNamespacesChanged();

        assertThat(events.elements).singleElement().isInstanceOfSatisfying(NamespacesChanged.class, changed -> {
            assertThat(changed.added()).hasSize(1498).startsWith(3).endsWith(1500);
            assertThat(changed.resized()).extracting(Resized::nsid).containsExactly(1, 2);
            assertThat(changed.changed()).isEmpty();
        });
        assertThat(one.blocks()).isEqualTo(2000);
        assertThat(two.blocks()).isEqualTo(2000);
    }

    @Test
    void aNoticeWithNothingBehindItIsNotTold() {
        connect();
        changedNamespaces();

        tellNamespacesChanged();

        assertThat(events.elements).isEmpty();
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void aListThatMakesNoSenseCostsNothingButTheEvent() {
        NvmeController connected = connect();
        page("Log 04h 0+4096", 4096, page -> page.setIntLE(0, 5).setIntLE(4, 3));
        controller.on("Identify 02h 0", exchange -> exchange.fail(StatusCode.INTERNAL_ERROR));

        tellNamespacesChanged();

        assertThat(events.elements).isEmpty();
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("Firmware activation: CSTS.PP is polled until it is 0, then the Firmware Slot page is read")
    void firmwareIsWaitedForAndOtherEventsAreNot() {
        page("Log 03h 0+512", 512, page -> new FirmwareSlotLog(1, List.of("NEW")).encode(page, 0));
        page("Log 02h 0+512", 512, page -> {});
        connect();
        long before = controller.count("Get CSTS");
        controller.status = 1 | 1 << 5;

        tell(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_FIRMWARE_ACTIVATION, LogPage.FIRMWARE_SLOT);
        controller.timer.advanceTimeBy(Duration.ofMillis(500));
        assertThat(events.elements).containsExactly(new FirmwareActivationStarting());
        assertThat(controller.count("Get CSTS") - before).isBetween(10L, 12L);
        assertThat(controller.count("Log 03h 0+512")).isZero();
        tell(AsyncEvent.TYPE_SMART_HEALTH, 0, LogPage.SMART_HEALTH);
        assertThat(events.elements).hasSize(2);

        controller.status = 1;
        controller.timer.advanceTimeBy(Duration.ofMillis(100));

        assertThat(events.last()).isInstanceOfSatisfying(FirmwareActivationFinished.class, finished -> {
            assertThat(finished.inTime()).isTrue();
            assertThat(finished.slots().orElseThrow().revisions().get(0)).isEqualTo("NEW");
        });
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void firmwareThatTakesLongerThanStatedIsNotWaitedFor() {
        controller.identify().set(Field.MTFA, 20);
        connect();
        controller.status = 1 | 1 << 5;
        tell(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_FIRMWARE_ACTIVATION, LogPage.FIRMWARE_SLOT);
        controller.timer.advanceTimeBy(Duration.ofMillis(1999));
        assertThat(events.elements).hasSize(1);

        controller.timer.advanceTimeBy(Duration.ofMillis(1));

        assertThat(events.last())
                .isInstanceOfSatisfying(
                        FirmwareActivationFinished.class,
                        finished -> assertThat(finished.inTime()).isFalse());
        long asked = controller.count("Get CSTS");
        controller.timer.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(controller.count("Get CSTS")).isEqualTo(asked);
    }

    @Test
    void pathsComeAsGroups() {
        controller.identify().set(Field.NANAGRPID, 2);
        AnaLog log =
                new AnaLog(3, List.of(new AnaLog.Group(1, 3, 1, List.of()), new AnaLog.Group(2, 3, 15, List.of())));
        page("Log 0Ch 0+80", 80, page -> log.encode(page, 0));
        connect();
        bytes.clear();

        tell(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_ANA_CHANGED, LogPage.ANA);

        assertThat(events.elements)
                .singleElement()
                .isInstanceOfSatisfying(
                        AnaChanged.class,
                        changed -> assertThat(changed.groups()).contains(log));
        assertThat(bytes).first().isEqualTo("02 nsid ffffffff cdw10 " + "0c011300" + "00".repeat(20));
    }

    @Test
    void eachReservationNotificationIsTold() {
        ArrayDeque<Integer> left = new ArrayDeque<>(List.of(1, 0));
        page(
                "Log 80h 0+64",
                64,
                page -> page.setByte(8, 2).setByte(9, left.remove()).setIntLE(12, 7));
        connect();

        tell(AsyncEvent.TYPE_IO_COMMAND_SET, 0, LogPage.RESERVATION_NOTIFICATION);

        ReservationChanged released = new ReservationChanged(ReservationKind.RESERVATION_RELEASED, 7);
        assertThat(events.elements).containsExactly(released, released);
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void reservationNotificationsWithoutEndAreBounded() {
        page("Log 80h 0+64", 64, page -> page.setByte(9, 1));
        connect();

        tell(AsyncEvent.TYPE_IO_COMMAND_SET, 0, LogPage.RESERVATION_NOTIFICATION);

        assertThat(controller.count("Log 80h 0+64")).isBetween(256L, 257L);
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void sanitizeComesWithItsStatus() {
        page("Log 81h 0+512", 512, page -> page.setShortLE(2, 0x101));
        connect();

        tell(AsyncEvent.TYPE_IO_COMMAND_SET, 1, LogPage.SANITIZE_STATUS);
        tell(AsyncEvent.TYPE_IO_COMMAND_SET, 2, LogPage.SANITIZE_STATUS);

        assertThat(events.elements)
                .containsExactly(
                        new SanitizeFinished(false, OptionalLong.of(0x101)),
                        new SanitizeFinished(true, OptionalLong.of(0x101)));
    }

    @Test
    void whatHasNoTypeIsHandedOnAsItIs() {
        connect();
        List<AsyncEvent> unknown = List.of(
                new AsyncEvent(AsyncEvent.TYPE_VENDOR, 3, 0xC0, 0x1234),
                new AsyncEvent(AsyncEvent.TYPE_NOTICE, 0x77, 0x99, 0),
                new AsyncEvent(AsyncEvent.TYPE_IO_COMMAND_SET, 9, 0, 0),
                new AsyncEvent(AsyncEvent.TYPE_IMMEDIATE, 0, 0, 0),
                new AsyncEvent(5, 0, 0, 0));

        unknown.forEach(this::tell);

        assertThat(events.elements)
                .containsExactlyElementsOf(unknown.stream().map(Other::new).toList());
        assertThat(controller.log).noneMatch(line -> line.startsWith("Log"));
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void discoveryControllersTellOfTheirPage() {
        controller.beDiscovery();
        controller.generation = 42;
        controller
                .connect(controller.client().subsystem(Nqn.DISCOVERY))
                .events()
                .subscribe(events);
        assertThat(controller.log).contains("Set Features 0Bh 80000000h");

        tell(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED, LogPage.DISCOVERY);

        assertThat(events.elements).containsExactly(new DiscoveryLogChanged(OptionalLong.of(42)));
        assertThat(controller.log).contains("Log 70h 0+1024");
    }

    @Test
    void discoveryControllersThatTellNothingAreNotAsked() {
        controller.beDiscovery();
        controller.identify().set(Field.OAES, 0x7FFF_FFFF);
        controller.connect(controller.client().subsystem(Nqn.DISCOVERY));

        assertThat(controller.log).noneMatch(line -> line.startsWith("Set Features 0B"));
        assertThat(parked).isEmpty();
    }

    @Test
    void aRequestTooManyIsNotSentAgain() {
        connect();

        parked.remove().fail(StatusCode.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED);

        assertThat(parked).hasSize(SLOTS_OF_EVENTS - 1);
        controller.timer.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(parked).hasSize(SLOTS_OF_EVENTS - 1);
    }

    @Test
    void errorsInARowEndTheRequests() {
        NvmeController connected = connect();
        for (int i = 0; i < 100 && !parked.isEmpty(); i++) {
            parked.remove().answer(Status.of(StatusCode.INTERNAL_ERROR, false), 0, 0);
            controller.timer.advanceTimeBy(Duration.ofSeconds(1));
        }

        assertThat(parked).isEmpty();
        assertThat(controller.count("Event Request")).isEqualTo(SLOTS_OF_EVENTS + 7);
        assertThat(connected.isConnected()).isTrue();
        assertThat(events.isDone()).isFalse();
    }

    @Test
    void errorsBetweenEventsAreForgiven() {
        connect();
        for (int i = 0; i < 20; i++) {
            parked.remove().answer(Status.of(StatusCode.INTERNAL_ERROR, false), 0, 0);
            tell(AsyncEvent.TYPE_VENDOR, 0, 0);
            controller.timer.advanceTimeBy(Duration.ofSeconds(1));
        }
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }

    @Test
    void aControllerThatAnswersAtOnceIsAskedAtABoundedRate() {
        NvmeController connected = connect();
        controller.on(
                "Event Request",
                exchange ->
                        exchange.answer(Status.SUCCESS, new AsyncEvent(AsyncEvent.TYPE_VENDOR, 0, 0, 0).encode(), 0));
        tell(AsyncEvent.TYPE_VENDOR, 0, 0);
        long burst = controller.count("Event Request");
        assertThat(burst).isLessThan(60);

        controller.timer.advanceTimeBy(Duration.ofSeconds(60));

        assertThat(controller.count("Event Request") - burst).isBetween(50L, 700L);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void theEndOfTheAssociationIsTheEndOfTheEvents() {
        NvmeController connected = connect();
        Recorder<NvmeEvent> late = new Recorder<>(1);

        controller.cut();
        connected.events().subscribe(late);

        assertThat(events.completes).isEqualTo(1);
        assertThat(late.completes).isEqualTo(1);
        assertThat(events.errors).isEmpty();
    }

    @Test
    void requestsThatAreAbortedWhileClosingAreNotSentAgain() {
        NvmeController connected = connect();
        controller.on("Set CC 464001h", exchange -> {
            List.copyOf(parked).forEach(request -> request.fail(StatusCode.ABORTED_SQ_DELETION));
            controller.status = controller.statusAfterShutdown;
            exchange.succeed();
        });
        long before = controller.count("Event Request");

        connected.close().subscribe();

        assertThat(controller.log).contains("Set CC 464001h");
        assertThat(controller.count("Event Request")).isEqualTo(before);
        assertThat(events.completes).isEqualTo(1);
        controller.assertNothingOpen();
    }

    @Test
    void adminCommandsOfUsersDoNotHoldEventsBack() {
        NvmeController connected = connect();
        controller.on("admin 193", exchange -> {});
        for (int i = 0; i < 64; i++) {
            connected.adminQueue().execute(Command.opcode(0xC1).build()).subscribe(done -> {}, failure -> {});
        }
        page("Log 02h 0+512", 512, page -> {});

        tell(AsyncEvent.TYPE_SMART_HEALTH, 0, LogPage.SMART_HEALTH);

        assertThat(events.elements).singleElement().isInstanceOf(HealthWarning.class);
        assertThat(parked).hasSize(SLOTS_OF_EVENTS);
    }
}
