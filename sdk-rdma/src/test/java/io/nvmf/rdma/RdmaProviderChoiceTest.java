package io.nvmf.rdma;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Which of several providers of RDMA is taken. */
class RdmaProviderChoiceTest {

    private static final TransportOption<String> OWN = TransportOption.of("own", "", text -> text);

    private final RdmaTransportProvider transport = new RdmaTransportProvider(
            List.of(new Named("soft", 0, true), new Named("fast", 10, true), new Named("absent", 20, false)));

    @Test
    void isFoundByTheRegistry() {
        assertThat(TransportRegistry.load().providers(TransportType.RDMA))
                .singleElement()
                .isInstanceOf(RdmaTransportProvider.class);
    }

    @Test
    void theOneWithTheHighestPriorityThatCanWorkIsTaken() {
        connecting(transport, "").expectErrorMessage("fast").verify(PATIENCE);
        StepVerifier.create(transport.listen(TransportAddress.of("any", 0), TransportOptions.none(), host -> {}))
                .expectErrorMessage("fast")
                .verify(PATIENCE);
    }

    @Test
    void theOneThatIsNamedIsTaken() {
        connecting(transport, "soft").expectErrorMessage("soft").verify(PATIENCE);
    }

    @Test
    void aNameThatCannotWorkSaysSo() {
        connecting(transport, "absent")
                .expectErrorSatisfies(
                        failure -> assertThat(failure).hasMessageContaining("'absent' cannot work on this machine"))
                .verify(PATIENCE);
        connecting(transport, "none")
                .expectErrorSatisfies(failure -> assertThat(failure).hasMessageContaining("[absent, fast, soft]"))
                .verify(PATIENCE);
    }

    @Test
    void withoutAnyTheTransportIsNotSuitable() {
        RdmaTransportProvider none = new RdmaTransportProvider(new Named("absent", 0, false));

        connecting(none, "").verifyComplete();
    }

    @Test
    void optionsOfProvidersCanBeSetByName() {
        assertThat(transport.options()).contains(RdmaOptions.PROVIDER, OWN);
    }

    private static StepVerifier.FirstStep<HostQueuePair> connecting(RdmaTransportProvider over, String name) {
        return StepVerifier.create(over.connect(TestQueuePairs.parameters(TransportAddress.of("any", 1), true, 0)
                .options(TransportOptions.none().with(RdmaOptions.PROVIDER, name))
                .build()));
    }

    /** Fails with its name. */
    private record Named(String name, int priority, boolean isAvailable) implements RdmaProvider {

        @Override
        public RdmaCapabilities capabilities() {
            return new RdmaCapabilities(32, 1, 1, true, true);
        }

        @Override
        public List<TransportOption<?>> options() {
            return List.of(OWN);
        }

        @Override
        public Mono<RdmaConnection> connect(RdmaConnectRequest request) {
            return Mono.error(new IOException(name));
        }

        @Override
        public Mono<RdmaListener> listen(
                TransportAddress address, TransportOptions options, Consumer<RdmaIncoming> acceptor) {
            return Mono.error(new IOException(name));
        }
    }
}
