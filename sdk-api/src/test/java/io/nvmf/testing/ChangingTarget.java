package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundSubsystem;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.DiscoveryLogChanged;
import io.nvmf.event.NvmeEvent.FirmwareActivationFinished;
import io.nvmf.event.NvmeEvent.FirmwareActivationStarting;
import io.nvmf.event.NvmeEvent.HealthKind;
import io.nvmf.event.NvmeEvent.HealthWarning;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.event.NvmeEvent.Other;
import io.nvmf.event.NvmeEvent.Resized;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A target whose namespaces change, and a host that follows, over a transport that the
 * subclass has.
 */
public abstract class ChangingTarget {

    private static final String NQN = "nqn.2024-01.io.nvmf:events";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final long SIZE = 8L << 20;

    private final TransportType transport;
    private final BoundTarget target;
    private final BoundSubsystem subsystem;
    private final NvmeController controller;
    private final BlockingQueue<NvmeEvent> events = new LinkedTransferQueue<>();

    protected ChangingTarget(TransportType transport) {
        this.transport = transport;
        target = NvmeTarget.memory(NQN, SIZE, BLOCK).transport(transport).bind().block(PATIENCE);
        subsystem = target.subsystem(NQN);
        controller = NvmeClient.from(target.uri(NQN).toString())
                .ioQueues(2)
                .connect()
                .block(PATIENCE);
        controller.events().subscribe(events::add);
    }

    @AfterEach
    void close() {
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }

    private NvmeEvent event() throws InterruptedException {
        NvmeEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    private NvmeNamespace open(int nsid) {
        return controller.namespace(nsid).block(PATIENCE);
    }

    private void resize(long size) {
        subsystem
                .resizeNamespace(1, subsystem.namespaces().get(1).resized(size))
                .block(PATIENCE);
    }

    private static void assertRefused(Mono<?> command) {
        assertThatThrownBy(() -> command.block(PATIENCE)).isInstanceOfSatisfying(NvmeStatusException.class, refusal -> {
            assertThat(refusal.outcome()).isEqualTo(CommandOutcome.NOT_SENT);
            assertThat(refusal.fromController()).isFalse();
        });
    }

    @Test
    void aNamespaceComesAndGoes() throws InterruptedException {
        subsystem.addNamespace(5, BlockStore.memory(1 << 20, 512)).block(PATIENCE);
        assertThat(event()).isEqualTo(new NamespacesChanged(List.of(5), List.of(), List.of(), List.of()));
        NvmeNamespace five = open(5);
        five.flush().block(PATIENCE);

        subsystem.removeNamespace(5).block(PATIENCE);
        assertThat(event()).isEqualTo(new NamespacesChanged(List.of(), List.of(5), List.of(), List.of()));
        assertRefused(five.flush());

        subsystem.addNamespace(5, BlockStore.memory(1 << 20, 512)).block(PATIENCE);
        assertThat(event()).isEqualTo(new NamespacesChanged(List.of(5), List.of(), List.of(), List.of()));
        five.flush().block(PATIENCE);

        subsystem.removeNamespace(5).block(PATIENCE);
        event();
        subsystem
                .addNamespace(5, BlockStore.memory(1 << 20, 512), UUID.randomUUID())
                .block(PATIENCE);
        event();
        assertRefused(five.flush());
        open(5).flush().block(PATIENCE);
    }

    @Test
    void aNamespaceGrowsAndShrinksWhileStreamsRunEachWay() throws InterruptedException {
        NvmeNamespace namespace = open(1);
        AtomicLong read = new AtomicLong();
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        Mono<?> writing = namespace
                .writeStream(
                        0,
                        source.asFlux(),
                        WriteStreamOptions.defaults().chunkSize(BLOCK).window(4))
                .last()
                .cache();
        writing.subscribe(done -> {}, failure -> {});
        Mono<Void> reading = namespace
                .readStream(0, SIZE)
                .doOnNext(part -> {
                    read.addAndGet(part.readableBytes());
                    part.release();
                })
                .limitRate(1)
                .then()
                .cache();
        reading.subscribe();
        for (int i = 1; i <= 20; i++) {
            long before = namespace.size();
            long after = SIZE + i % 2 * SIZE;
            resize(after);
            assertThat(event())
                    .isEqualTo(new NamespacesChanged(
                            List.of(), List.of(), List.of(new Resized(1, before, after)), List.of()));
            assertThat(namespace.size()).isEqualTo(after);
            source.tryEmitNext(Unpooled.directBuffer(BLOCK).writeZero(BLOCK)).orThrow();
        }
        resize(2 * SIZE);
        event();
        namespace
                .write(namespace.blocks() - 1, Unpooled.directBuffer(BLOCK).writeZero(BLOCK))
                .block(PATIENCE);
        source.tryEmitComplete().orThrow();

        writing.block(PATIENCE);
        reading.block(PATIENCE);
        assertThat(read).hasValue(SIZE);
    }

    @Test
    void aWriteStreamIntoANamespaceThatGoesEndsWithAReport() throws InterruptedException {
        NvmeNamespace namespace = open(1);
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        Mono<?> writing = namespace
                .writeStream(0, source.asFlux(), WriteStreamOptions.defaults().chunkSize(BLOCK))
                .last()
                .cache();
        writing.subscribe(done -> {}, failure -> {});
        subsystem.removeNamespace(1).block(PATIENCE);
        event();

        source.tryEmitNext(Unpooled.directBuffer(BLOCK).writeZero(BLOCK)).orThrow();

        assertThatThrownBy(() -> writing.block(PATIENCE))
                .hasMessageContaining("namespace 1 cannot be used any more: it is not active")
                .hasMessageContaining("nothing was sent");
    }

    @Test
    void whatIsPostedIsTold() throws InterruptedException {
        subsystem.postEvent(new AsyncEvent(AsyncEvent.TYPE_SMART_HEALTH, 1, LogPage.SMART_HEALTH, 0));
        assertThat(event()).isInstanceOfSatisfying(HealthWarning.class, warning -> {
            assertThat(warning.kind()).isEqualTo(HealthKind.TEMPERATURE);
            assertThat(warning.log()).isPresent();
        });
        for (int i = 0; i < 3; i++) {
            subsystem.postEvent(new AsyncEvent(
                    AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_FIRMWARE_ACTIVATION, LogPage.FIRMWARE_SLOT, 0));
            assertThat(event()).isEqualTo(new FirmwareActivationStarting());
            assertThat(event()).isInstanceOfSatisfying(FirmwareActivationFinished.class, finished -> {
                assertThat(finished.inTime()).isTrue();
                assertThat(finished.slots()).isPresent();
            });
        }
        AsyncEvent vendor = new AsyncEvent(AsyncEvent.TYPE_VENDOR, 1, 0xC0, 0x1234);
        subsystem.postEvent(vendor);
        assertThat(event()).isEqualTo(new Other(vendor));
    }

    @Test
    void aDiscoveryControllerTellsThatItsPageHasChanged() {
        NvmeController discovery = NvmeClient.create()
                .transport(transport)
                .remoteAddress("127.0.0.1", target.port())
                .subsystem(Nqn.DISCOVERY)
                .connect()
                .block(PATIENCE);
        BlockingQueue<NvmeEvent> told = new LinkedTransferQueue<>();
        discovery.events().subscribe(told::add);

        target.subsystem(Nqn.DISCOVERY)
                .postEvent(new AsyncEvent(
                        AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED, LogPage.DISCOVERY, 0));

        Awaitility.await()
                .untilAsserted(() -> assertThat(told)
                        .hasSize(1)
                        .allSatisfy(one -> assertThat(one)
                                .isInstanceOfSatisfying(
                                        DiscoveryLogChanged.class,
                                        changed ->
                                                assertThat(changed.generation()).isPresent())));
        discovery.close().block(PATIENCE);
    }

    @Test
    void eventsOfManyChangesComeAlsoWhileUsersFillTheAdminQueue() throws InterruptedException {
        Mono<Void> asking = Flux.range(0, 2000)
                .flatMap(i -> controller.smartHealth(), 256)
                .then()
                .cache();
        asking.subscribe();
        for (int i = 0; i < 50; i++) {
            subsystem.addNamespace(2 + i, BlockStore.memory(1 << 20, 512)).block(PATIENCE);
        }
        int added = 0;
        while (added < 50) {
            added += ((NamespacesChanged) event()).added().size();
        }
        asking.block(PATIENCE);
    }
}
