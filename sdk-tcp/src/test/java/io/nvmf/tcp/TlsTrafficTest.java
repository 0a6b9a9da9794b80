package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.Relay;
import io.nvmf.transport.TransportRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A client and a target with TLS below: all sizes, with digests and without, on several queues. */
class TlsTrafficTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;

    private final TransportRegistry registry = TransportRegistry.empty().register(new OverTls());
    private final BoundTarget target = NvmeTarget.memory(NQN, 16 << 20, BLOCK)
            .registry(registry)
            .bindAddress("127.0.0.1", 0)
            .bind()
            .block(PATIENCE);

    @AfterEach
    void close() {
        target.close().block(PATIENCE);
    }

    private NvmeClient client() {
        return NvmeClient.from(target.uri(NQN).toString()).registry(registry).recovery(Recovery.none());
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of(false, false),
                Arguments.of(true, false),
                Arguments.of(false, true),
                Arguments.of(true, true));
    }

    private static ByteBuf data(int seed, int length) {
        return Unpooled.directBuffer(length).writeBytes(EmbeddedPair.pattern(seed, length));
    }

    /** Each at a place of its own. */
    private static Mono<Void> roundTrip(NvmeNamespace namespace, int place, int blocks) {
        long lba = place * 1024L;
        return Mono.defer(() -> namespace.write(lba, data(place, blocks * BLOCK)))
                .then(namespace.read(lba, blocks))
                .doOnNext(read -> {
                    byte[] bytes = ByteBufUtil.getBytes(read);
                    read.release();
                    assertThat(bytes).isEqualTo(EmbeddedPair.pattern(place, blocks * BLOCK));
                })
                .then();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void smallAndLargeDataArrives(boolean headerDigest, boolean dataDigest) {
        NvmeController controller = client().option(TcpOptions.HEADER_DIGEST, headerDigest)
                .option(TcpOptions.DATA_DIGEST, dataDigest)
                .ioQueues(2)
                .connect()
                .block(PATIENCE);
        NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
        int[] sizes = {1, 8, 15, 16, 17, 64, 256, 512};

        Flux.fromStream(IntStream.range(0, 4 * sizes.length).boxed())
                .flatMap(i -> roundTrip(namespace, i % 31, sizes[(i % 31) % sizes.length]), 1)
                .blockLast(PATIENCE);
        Flux.range(0, 31)
                .flatMap(i -> roundTrip(namespace, i, sizes[i % sizes.length]).repeat(2), 31)
                .blockLast(PATIENCE);

        controller.close().block(PATIENCE);
    }

    @Test
    void manyAssociationsDoNotDisturbEachOther() {
        List<NvmeController> controllers = Flux.range(0, 12)
                .flatMap(i -> client().ioQueues(4).connect(), 12)
                .collectList()
                .block(PATIENCE);

        Flux.range(0, controllers.size())
                .flatMap(i -> controllers
                        .get(i)
                        .namespace(1)
                        .flatMap(namespace ->
                                roundTrip(namespace, i, 64).repeat(4).then()))
                .blockLast(PATIENCE);

        Flux.fromIterable(controllers).flatMap(NvmeController::close).blockLast(PATIENCE);
    }

    @Test
    void aConnectionLostUnderDataEndsEverything() {
        try (Relay relay = Relay.to(target.port())) {
            NvmeController controller =
                    client().remoteAddress("127.0.0.1", relay.port()).connect().block(PATIENCE);
            NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
            Mono<Void> load = Flux.range(0, 31)
                    .flatMap(i -> roundTrip(namespace, i, 256).repeat(), 31)
                    .then()
                    .doOnSubscribe(started -> Mono.delay(Duration.ofMillis(200)).subscribe(now -> relay.cut()));

            assertThatThrownBy(() -> load.block(PATIENCE)).isInstanceOf(NvmeException.class);

            controller.close().onErrorComplete().block(PATIENCE);
        }
        Awaitility.await().atMost(PATIENCE).until(() -> target.controllers() == 0);
    }
}
