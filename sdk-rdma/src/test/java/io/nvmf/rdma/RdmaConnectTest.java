package io.nvmf.rdma;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaRejectedException;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** How hosts and controllers come to a connection, and why they may not. */
class RdmaConnectTest {

    private static final TransportAddress ADDRESS = TransportAddress.of("memory", 0);

    private final MemoryRdmaProvider rdma =
            new MemoryRdmaProvider(MemoryRdmaSettings.defaults().withPadding(16));
    private final RdmaTransportProvider transport = new RdmaTransportProvider(rdma);

    @ParameterizedTest
    @CsvSource({
        "1, 0, 32, 31, 16, INVALID_FORMAT",
        "0, 0, 32, 0, 16, INVALID_SEND_QUEUE_SIZE",
        "0, 0, 32, 64, 16, INVALID_SEND_QUEUE_SIZE",
        "0, 1, 0, 31, 16, INVALID_RECEIVE_QUEUE_SIZE",
        "0, 1, 32, 31, 0, INVALID_READS_IN",
    })
    @Covers("A request that cannot be met is rejected with its STS, which the host puts into words")
    void aHostThatAsksForWhatCannotBeIsToldWhy(
            int format, int queueId, int receives, int sends, int readsIn, RejectReason reason) {
        AtomicInteger accepted = new AtomicInteger();
        TransportListener listener = transport
                .listen(
                        ADDRESS,
                        TransportOptions.none().with(RdmaOptions.MAX_QUEUE_SIZE, 64),
                        queuePair -> accepted.incrementAndGet())
                .block(PATIENCE);
        ByteBuffer privateData = new CmRequest(queueId, receives, sends, 0).encode();
        privateData.put(0, (byte) format);

        StepVerifier.create(rdma.connect(new RdmaConnectRequest(
                        listener.address(),
                        PATIENCE,
                        privateData,
                        new RdmaLimits(8, 8, 16, readsIn, 0),
                        TransportOptions.none())))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                RdmaRejectedException.class,
                                rejected -> assertThat(CmReject.text(rejected.privateData()))
                                        .isEqualTo(reason.text() + " (STS " + reason.code() + ')')))
                .verify(PATIENCE);
        listener.close().block(PATIENCE);
        assertThat(accepted).hasValue(0);
    }

    @Test
    @Covers("A request that cannot be met is rejected with its STS, which the host puts into words")
    void aHostSaysWhyTheControllerDidNotTakeIt() {
        withController(
                incoming -> incoming.reject(new CmReject(6).encode()),
                connecting -> StepVerifier.create(connecting)
                        .expectErrorSatisfies(failure -> assertThat(failure)
                                .isInstanceOf(RdmaRejectedException.class)
                                .hasMessageContaining("no resources (STS 6)"))
                        .verify(PATIENCE));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, CRQSIZE is 0", "7, 32, RECFMT"})
    @Covers("An answer of another format, or with CRQSIZE 0, ends the attempt")
    void aHostDoesNotTakeAnAnswerThatBreaksTheProtocol(int format, int places, String detail) {
        ByteBuffer answer = new CmAccept(places).encode();
        answer.put(0, (byte) format);
        withController(
                incoming -> incoming.accept(answer, new RdmaLimits(8, 32, 64, 0, 16))
                        .subscribe(RawPeer::on),
                connecting -> StepVerifier.create(connecting)
                        .expectErrorSatisfies(failure -> assertThat(failure)
                                .isInstanceOfSatisfying(
                                        QueuePairTerminatedException.class,
                                        ended -> assertThat(ended.termination())
                                                .isInstanceOfSatisfying(
                                                        Termination.ProtocolError.class,
                                                        error -> assertThat(error.detail())
                                                                .contains(detail))))
                        .verify(PATIENCE));
    }

    @Test
    @Covers("Private data of the request: RECFMT 0, QID, HRQSIZE as a count, HSQSIZE 0's based")
    void aHostAsksForItsQueue() {
        withController(
                incoming -> {
                    ByteBuffer privateData = incoming.privateData();
                    assertThat(privateData.getLong(0)).isEqualTo(0x0000_0100_2000_1F00L);
                    assertThat(privateData.getShort(8)).isEqualTo((short) 0x0100);
                    incoming.reject(new CmReject(3).encode());
                },
                connecting -> StepVerifier.create(connecting)
                        .expectErrorSatisfies(
                                failure -> assertThat(failure).hasMessageContaining("invalid QID (STS 3)"))
                        .verify(PATIENCE));
    }

    @Test
    void aGateThatRefusesLetsNobodyIn() {
        AtomicInteger accepted = new AtomicInteger();
        ConnectionGate gate = new ConnectionGate() {
            @Override
            public boolean connected(ControllerQueuePair queuePair, InetAddress remote) {
                return false;
            }

            @Override
            public void disconnected(ControllerQueuePair queuePair) {
                accepted.incrementAndGet();
            }

            @Override
            public void accept(ControllerQueuePair queuePair) {
                accepted.incrementAndGet();
            }
        };
        TransportListener listener =
                transport.listen(ADDRESS, TransportOptions.none(), gate).block(PATIENCE);
        HostQueuePair host = transport
                .connect(TestQueuePairs.parameters(listener.address(), true, 0).build())
                .block(PATIENCE);

        assertThat(host.termination().block(PATIENCE)).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        host.close().block(PATIENCE);
        listener.close().block(PATIENCE);
        assertThat(accepted).hasValue(0);
    }

    @Test
    void aProviderIsFoundByItsNameOrNotAtAll() {
        TransportOptions named = TransportOptions.none().with(RdmaOptions.PROVIDER, "memory");
        transport
                .listen(ADDRESS, named, queuePair -> {})
                .flatMap(TransportListener::close)
                .block(PATIENCE);

        StepVerifier.create(transport.listen(
                        ADDRESS, TransportOptions.none().with(RdmaOptions.PROVIDER, "other"), queuePair -> {}))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("'other'")
                        .hasMessageContaining("[memory]"))
                .verify(PATIENCE);
    }

    private void withController(Consumer<RdmaIncoming> controller, Consumer<Mono<HostQueuePair>> test) {
        RdmaListener listener =
                rdma.listen(ADDRESS, TransportOptions.none(), controller).block(PATIENCE);
        try {
            test.accept(transport.connect(TestQueuePairs.parameters(listener.address(), false, 0)
                    .queueSize(32)
                    .build()));
        } finally {
            rdma.links().forEach(link -> link.acceptor().close().block(PATIENCE));
            listener.close().block(PATIENCE);
        }
    }
}
