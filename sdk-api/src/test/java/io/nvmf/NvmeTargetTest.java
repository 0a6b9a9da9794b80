package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.UnsupportedTransportException;
import io.nvmf.transport.loop.LoopTransport;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class NvmeTargetTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());

    private NvmeTarget local() {
        return NvmeTarget.memory(NQN, 1 << 20, 4096)
                .transport(TransportType.LOOP)
                .registry(registry);
    }

    @Test
    void listensOnAFreePortAndSaysWhere() {
        BoundTarget target = local().bind().block(PATIENCE);

        assertThat(target.port()).isPositive();
        assertThat(target.address().host()).isEqualTo(NvmeTarget.DEFAULT_HOST);
        assertThat(target.uri(NQN)).isEqualTo(URI.create("nvme+loop://127.0.0.1:" + target.port() + '/' + NQN));
        assertThat(target.controllers()).isZero();
        target.close().block(PATIENCE);
    }

    @Test
    void discoveryListsEachSubsystemOnceForEachAddress() {
        BoundTarget target = local().bindAddress("here", 1)
                .alsoListen(TransportType.LOOP, "there", 0)
                .subsystem(NQN + "2", subsystem -> subsystem)
                .bind()
                .block(PATIENCE);

        List<URI> uris = target.uris(NQN);
        assertThat(uris).hasSize(2).startsWith(target.uri(NQN));
        assertThat(uris.get(1)).hasHost("there").hasScheme("nvme+loop");
        for (URI uri : uris) {
            List<DiscoveryLogEntry> entries = NvmeClient.from(uri)
                    .registry(registry)
                    .discover()
                    .collectList()
                    .block(PATIENCE);
            assertThat(entries)
                    .extracting(DiscoveryLogEntry::subsystemNqn)
                    .containsExactly(NQN, NQN, NQN + "2", NQN + "2");
            assertThat(entries)
                    .extracting(entry -> entry.transportAddress() + ':' + entry.transportServiceId())
                    .startsWith("here:1", "there:" + uris.get(1).getPort());
            assertThat(entries).extracting(DiscoveryLogEntry::portId).containsExactly(1, 2, 1, 2);
        }
        target.close().block(PATIENCE);
    }

    @Test
    void anAdvertisedAddressIsThatOfTheFirst() {
        BoundTarget target = local().bindAddress("here", 1)
                .alsoListen(TransportType.LOOP, "there", 2)
                .advertisedAddress("elsewhere", 3)
                .bind()
                .block(PATIENCE);

        StepVerifier.create(NvmeClient.from(target.uri(NQN)).registry(registry).discover())
                .expectNextMatches(entry -> entry.transportAddress().equals("elsewhere"))
                .expectNextMatches(entry -> entry.transportAddress().equals("there"))
                .expectComplete()
                .verify(PATIENCE);
        target.close().block(PATIENCE);
    }

    @Test
    void anAddressThatIsTakenLeavesTheOthersFree() {
        BoundTarget other = local().bindAddress("taken", 1).bind().block(PATIENCE);
        NvmeTarget first = local().bindAddress("here", 1);

        StepVerifier.create(first.alsoListen(TransportType.LOOP, "taken", 1).bind())
                .expectError(BindException.class)
                .verify(PATIENCE);

        first.bind().block(PATIENCE).close().block(PATIENCE);
        other.close().block(PATIENCE);
    }

    @Test
    void closeFreesAllAddresses() {
        Mono<BoundTarget> bind = local().bindAddress("here", 1)
                .alsoListen(TransportType.LOOP, "there", 1)
                .bind();

        bind.block(PATIENCE).close().block(PATIENCE);

        bind.block(PATIENCE).close().block(PATIENCE);
    }

    @Test
    void listensOnlyWhenSubscribedToAndAnewEachTime() {
        Mono<BoundTarget> bind = local().bindAddress("somewhere", 4420).bind();
        BoundTarget first = bind.block(PATIENCE);

        StepVerifier.create(bind).expectError(BindException.class).verify(PATIENCE);
        first.close().block(PATIENCE);
        bind.block(PATIENCE).close().block(PATIENCE);
    }

    @Test
    void closeIsDoneWhenSubscribedToAndOnce() {
        BoundTarget target = local().bind().block(PATIENCE);
        Mono<Void> close = target.close();
        StepVerifier.create(target.onClose())
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(20))
                .thenCancel()
                .verify(PATIENCE);

        close.block(PATIENCE);
        target.close().block(PATIENCE);

        StepVerifier.create(target.onClose()).expectComplete().verify(PATIENCE);
    }

    @Test
    void subsystemsCanBeChangedWhileTheyAreServed() {
        BoundTarget target = local().bind().block(PATIENCE);
        BoundSubsystem subsystem = target.subsystem(NQN);
        BlockStore store = BlockStore.memory(1 << 20, 512);

        subsystem.addNamespace(2, store).block(PATIENCE);
        subsystem.addNamespace(3, store.resized(512), new UUID(1, 2)).block(PATIENCE);
        subsystem.resizeNamespace(2, store.resized(2 << 20)).block(PATIENCE);
        subsystem.removeNamespace(1).block(PATIENCE);

        assertThat(subsystem.nqn()).isEqualTo(NQN);
        assertThat(subsystem.namespaces()).containsOnlyKeys(2, 3);
        assertThat(subsystem.namespaces().get(2).size()).isEqualTo(2 << 20);
        assertThat(target.subsystem(NQN).namespaces()).isEqualTo(subsystem.namespaces());
        assertThat(target.subsystem(Nqn.DISCOVERY).namespaces()).isEmpty();
        assertThatThrownBy(() -> target.subsystem("nqn.2024-01.io.nvmf:other"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nqn.2024-01.io.nvmf:other");
        target.disconnectAll().block(PATIENCE);
        target.close().block(PATIENCE);
        BoundTarget again = local().bind().block(PATIENCE);
        assertThat(again.subsystem(NQN).namespaces()).containsOnlyKeys(1);
        again.close().block(PATIENCE);
    }

    @Test
    void configurationIsNotChangedByWhatIsMadeFromIt() {
        NvmeTarget base = local().bindAddress("base", 1);
        NvmeTarget other = base.bindAddress("other", 2);

        BoundTarget target = base.bind().block(PATIENCE);

        assertThat(other).isNotSameAs(base);
        assertThat(target.address().host()).isEqualTo("base");
        target.close().block(PATIENCE);
    }

    @Test
    void withoutTheTransportThereIsNoTarget() {
        StepVerifier.create(local().registry(TransportRegistry.empty()).bind())
                .expectError(UnsupportedTransportException.class)
                .verify(PATIENCE);
    }

    @Test
    void subsystemsMustHaveDifferentAndProperNames() {
        assertThatThrownBy(() -> local().subsystem(NQN, subsystem -> subsystem).bind())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same name");
        assertThatThrownBy(() -> local().subsystem("disk", subsystem -> subsystem))
                .hasMessageContaining("\"disk\"");
        assertThatThrownBy(() -> local().subsystem("nqn.2014-08.org.nvmexpress.discovery", subsystem -> subsystem))
                .hasMessageContaining("every target has");
    }

    @Test
    void limitsAreChecked() {
        fails(target -> target.ioQueues(0), "ioQueues 0 is outside 1..65534");
        fails(target -> target.ioQueues(65_535), "ioQueues 65535");
        fails(target -> target.queueSize(1), "queueSize 1 is outside 2..65535");
        fails(target -> target.queueSize(65_536), "queueSize 65536");
        fails(target -> target.inCapsuleData(-16), "inCapsuleData -16");
        fails(target -> target.inCapsuleData(100), "inCapsuleData 100 is not a multiple of 16");
        fails(target -> target.controllers(0), "controllers 0 is outside 1..65519");
        fails(target -> target.adminQueueSize(4097), "adminQueueSize 4097 is outside 32..4096");
        fails(target -> target.options(options -> options.connections(0)), "connections 0 is outside 1..1000000");
        fails(target -> target.bindAddress("host", 65_536), "port 65536");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 12_288, 1L << 32})
    void maxTransferThatMdtsCannotSayIsRefused(long bytes) {
        fails(target -> target.maxTransfer(bytes), "maxTransfer " + bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8192, 1 << 20, 1L << 31})
    void maxTransferThatMdtsCanSayIsTaken(long bytes) {
        assertThat(local().maxTransfer(bytes)).isNotNull();
    }

    @Test
    void subsystemFieldsAreChecked() {
        BlockStore store = BlockStore.memory(4096, 4096);
        fails(target -> target.subsystem("nqn.2024-01.io.nvmf:x", s -> s.namespace(0, store)), "nsid 0");
        fails(target -> target.subsystem("nqn.2024-01.io.nvmf:x", s -> s.namespace(0x10000, store)), "nsid 65536");
        fails(target -> target.subsystem("nqn.2024-01.io.nvmf:x", s -> s.serialNumber("x".repeat(21))), "at most 20");
        fails(target -> target.subsystem("nqn.2024-01.io.nvmf:x", s -> s.model("möbel")), "not ASCII");
        fails(target -> target.subsystem("nqn.2024-01.io.nvmf:x", s -> s.allowHosts("me")), "\"me\"");
    }

    private void fails(Function<NvmeTarget, NvmeTarget> configuration, String message) {
        assertThatThrownBy(() -> configuration.apply(local()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
