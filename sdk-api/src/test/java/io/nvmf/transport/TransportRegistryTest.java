package io.nvmf.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.loop.LoopTransport;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class TransportRegistryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final TransportAddress ADDRESS = TransportAddress.of("here", 4420);

    private final List<String> asked = new ArrayList<>();

    @Test
    void withoutProvidersConnectingAndListeningAreUnsupported() {
        TransportRegistry registry = TransportRegistry.empty();

        StepVerifier.create(registry.connect(TransportType.LOOP, parameters(ADDRESS)))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOf(UnsupportedTransportException.class)
                        .hasMessageContaining("LOOP")
                        .hasMessageContaining("here:4420"))
                .verify(PATIENCE);
        StepVerifier.create(registry.listen(TransportType.LOOP, ADDRESS, TransportOptions.none(), queuePair -> {}))
                .expectError(UnsupportedTransportException.class)
                .verify(PATIENCE);
    }

    @Test
    void providersOfOtherTypesAreNotAsked() {
        TransportRegistry registry = TransportRegistry.empty()
                .register(new Scripted("tcp", TransportType.TCP, 0, Mono.error(new ConnectException("tcp"))));

        StepVerifier.create(registry.connect(TransportType.RDMA, parameters(ADDRESS)))
                .expectError(UnsupportedTransportException.class)
                .verify(PATIENCE);
        assertThat(asked).isEmpty();
    }

    @Test
    @Covers("By type and priority; \"not suitable\" asks the next, an error ends the attempt")
    void unsuitableProvidersLetTheNextTryInOrderOfPriority() {
        TransportRegistry registry = TransportRegistry.empty()
                .register(new Scripted("low", TransportType.TCP, -1, Mono.error(new ConnectException("low"))))
                .register(new Scripted("first of equals", TransportType.TCP, 0, Mono.empty()))
                .register(new Scripted("second of equals", TransportType.TCP, 0, Mono.empty()))
                .register(new Scripted("high", TransportType.TCP, 10, Mono.empty()));

        StepVerifier.create(registry.connect(TransportType.TCP, parameters(ADDRESS)))
                .expectErrorMessage("low")
                .verify(PATIENCE);
        assertThat(asked).containsExactly("high", "first of equals", "second of equals", "low");
        assertThat(registry.providers(TransportType.TCP))
                .extracting(TransportProvider::priority)
                .containsExactly(10, 0, 0, -1);
    }

    @Test
    @Covers("By type and priority; \"not suitable\" asks the next, an error ends the attempt")
    void aFailureEndsTheAttempt() {
        TransportRegistry registry = TransportRegistry.empty()
                .register(new Scripted("fails", TransportType.TCP, 1, Mono.error(new ConnectException("refused"))))
                .register(new Scripted("never asked", TransportType.TCP, 0, Mono.empty()));

        StepVerifier.create(registry.connect(TransportType.TCP, parameters(ADDRESS)))
                .expectError(ConnectException.class)
                .verify(PATIENCE);
        assertThat(asked).containsExactly("fails");
    }

    @Test
    void connectingIsCold() {
        TransportRegistry registry = TransportRegistry.empty();
        Mono<HostQueuePair> connect = registry.connect(TransportType.TCP, parameters(ADDRESS));
        registry.register(new Scripted("late", TransportType.TCP, 0, Mono.error(new ConnectException("late"))));
        assertThat(asked).isEmpty();

        StepVerifier.create(connect).expectErrorMessage("late").verify(PATIENCE);
    }

    @Test
    void aProviderWithLiveQueuePairsIsNotUnregistered() {
        LoopTransport transport = new LoopTransport();
        TransportRegistry registry = TransportRegistry.empty().register(transport);
        List<ControllerQueuePair> accepted = new ArrayList<>();
        TransportListener listener = registry.listen(
                        TransportType.LOOP, ADDRESS, TransportOptions.none(), accepted::add)
                .block(PATIENCE);
        HostQueuePair host =
                registry.connect(TransportType.LOOP, parameters(ADDRESS)).block(PATIENCE);

        assertThatThrownBy(() -> registry.unregister(transport))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 queue pairs");
        assertThat(registry.providers(TransportType.LOOP)).containsExactly(transport);

        host.close().block(PATIENCE);
        accepted.get(0).termination().block(PATIENCE);
        listener.close().block(PATIENCE);
        registry.unregister(transport);
        assertThat(registry.providers(TransportType.LOOP)).isEmpty();
    }

    private static HostQueuePairParameters parameters(TransportAddress address) {
        return TestQueuePairs.parameters(address, true, 8192).build();
    }

    private final class Scripted implements TransportProvider {

        private final String name;
        private final TransportType type;
        private final int priority;
        private final Mono<HostQueuePair> answer;

        Scripted(String name, TransportType type, int priority, Mono<HostQueuePair> answer) {
            this.name = name;
            this.type = type;
            this.priority = priority;
            this.answer = answer;
        }

        @Override
        public TransportType transportType() {
            return type;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return Mono.defer(() -> {
                asked.add(name);
                return answer;
            });
        }

        @Override
        public Mono<TransportListener> listen(
                TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
            return Mono.empty();
        }
    }
}
