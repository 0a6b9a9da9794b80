package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A connect that finds no memory for the data of its Connect: it fails as documented, and its socket is closed. */
class ConnectWithoutMemoryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Connects in earnest, but what is above the transport gets no memory from it. */
    private record Poor(TransportProvider inner) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return inner.connect(parameters).map(Poor::without);
        }

        private static HostQueuePair without(HostQueuePair queuePair) {
            ExhaustibleAllocator allocator = new ExhaustibleAllocator();
            allocator.exhausted = true;
            return (HostQueuePair) Proxy.newProxyInstance(
                    Poor.class.getClassLoader(), new Class<?>[] {HostQueuePair.class}, (proxy, method, arguments) -> {
                        try {
                            return method.getName().equals("allocator")
                                    ? allocator
                                    : method.invoke(queuePair, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isALimitAndLeavesNoSocket(boolean discovery) throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            NvmeClient client = NvmeClient.create()
                    .recovery(Recovery.none())
                    .registry(TransportRegistry.empty().register(new Poor(new TcpTransportProvider())))
                    .remoteAddress("127.0.0.1", listener.port())
                    .subsystem("nqn.2014-08.org.example:disk");
            Mono<?> connecting = discovery ? client.discover().then() : client.connect();
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            connecting.subscribe(
                    up -> ((NvmeController) up).close().subscribe(),
                    failure::complete,
                    () -> failure.completeExceptionally(new AssertionError("connected")));

            try (FakePeer controller = listener.accept()) {
                controller.read(128);
                controller.send(Agreed.PLAIN.icResp());

                assertThat(failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isInstanceOfSatisfying(NvmeLimitException.class, limit -> {
                            assertThat(limit.quantity()).isEqualTo("free memory");
                            assertThat(limit.value()).isEqualTo(1024);
                        })
                        .hasMessageContaining("Connect of queue 0")
                        .hasMessageContaining("no memory for 1024 bytes; nothing was sent");
                controller.expectEnd();
            }
        }
    }
}
