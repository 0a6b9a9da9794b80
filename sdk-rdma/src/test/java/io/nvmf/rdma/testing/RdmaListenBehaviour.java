package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Where connections are waited for. */
interface RdmaListenBehaviour extends RdmaKit {

    @Test
    default void listeningTakesAFreePortAndIsCold() {
        listening(address());
        RdmaListener first = listen(incoming -> {});
        RdmaListener second = listen(incoming -> {});

        assertThat(first.address()).isNotEqualTo(second.address());
        assertThat(first.address().port()).isPositive();
    }

    @Test
    default void anAddressIsListenedAtOnce() {
        RdmaListener listener = listen(incoming -> {});

        assertThatThrownBy(() -> listening(listener.address()).block(PATIENCE))
                .hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    default void aClosedListenerLeavesItsConnectionsAlone() {
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener =
                listen(incoming -> incoming.accept(NOTHING, LIMITS).subscribe(accepted::complete));
        RdmaEndpoint connector = endpoint(RdmaKit.get(provider().connect(request(listener.address()))))
                .listen();
        RdmaEndpoint acceptor = endpoint(RdmaKit.get(Mono.fromFuture(accepted))).listen();

        listener.close().block(PATIENCE);
        listener.close().block(PATIENCE);

        Mono<RdmaConnection> connect = provider().connect(request(listener.address()));
        assertThat(RdmaKit.failure(connect)).isInstanceOf(IOException.class);
        exchange(new RdmaPair(connector, acceptor));
    }

    @Test
    default void aClosedListenerClosesWhatItHasNotAnswered() {
        RdmaRequests requests = unanswered();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        provider()
                .connect(request(requests.listener().address()))
                .subscribe(connection -> failure.complete(new AssertionError("connected")), failure::complete);
        RdmaIncoming request = requests.next();

        requests.listener().close().block(PATIENCE);

        assertThat(Mono.fromFuture(failure).block(PATIENCE)).isInstanceOf(IOException.class);
        request.reject(NOTHING);
        assertOrphan(request);
    }
}
