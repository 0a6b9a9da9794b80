package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.DecoderException;
import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Bodies that end in ways of which HTTP and the SDK know nothing. None of them may look like a success. */
class BrokenUploadTest {

    private static final String DATA = "/api/namespaces/1/data";
    private static final int LENGTH = 5000;

    private static final Queue<TransferView> ENDED = new ConcurrentLinkedQueue<>();

    private static GatewayUnderTest gateway;
    private static WebTestClient client;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.startWith(
                BrokenBodies.class,
                Map.of(1, BlockStore.memory(1 << 20, 4096)),
                "--logging.level.io.nvmf.samples.webflux.problem=off"); // it logs what nobody foresaw
        gateway.context().getBean(Transfers.class).onEnd(ENDED::add);
        client = gateway.client();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SHORT, 400",
        "LONG, 400",
        "CLOSED, 400",
        "ABORTED, 400",
        "MALFORMED, 400",
        "ILLEGAL_STATE, 500",
        "NAMELESS, 500",
        "RELEASED, 500",
    })
    void aBodyThatEndsWrongIsAProblemWithAReport(Kind kind, int status) {
        for (HttpMethod method : new HttpMethod[] {HttpMethod.PUT, HttpMethod.POST}) {
            ENDED.clear();
            problem(kind, method, status).jsonPath("$.report.bytesWritten").isNumber();

            Awaitility.await().until(() -> !ENDED.isEmpty());
            assertThat(ENDED)
                    .singleElement()
                    .satisfies(view -> assertThat(view.failure()).isNotBlank());
            assertThatTheSameBlocksCanBeWritten();
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE, 500"})
    void aBodyThatCannotBeHadIsAProblem(Kind kind, int status) {
        problem(kind, HttpMethod.PUT, status);
        assertThatTheSameBlocksCanBeWritten();
    }

    private static WebTestClient.BodyContentSpec problem(Kind kind, HttpMethod method, int status) {
        return client.method(method)
                .uri(DATA)
                .header(BrokenBodies.HEADER, kind.name())
                .bodyValue(new byte[LENGTH])
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status)
                .jsonPath("$.detail")
                .isNotEmpty();
    }

    private static void assertThatTheSameBlocksCanBeWritten() {
        client.put()
                .uri(DATA)
                .bodyValue(new byte[LENGTH])
                .exchange()
                .expectStatus()
                .isOk();
        assertThat(gateway.transfers().active()).isEmpty();
    }

    private static Flux<DataBuffer> swallowed(Flux<DataBuffer> body) {
        return body.handle((buffer, next) -> DataBufferUtils.release(buffer));
    }

    private static DataBuffer released() {
        NettyDataBuffer buffer = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT).allocateBuffer(LENGTH);
        buffer.write(new byte[LENGTH]);
        DataBufferUtils.release(buffer);
        return buffer;
    }

    private enum Kind {
        SHORT,
        LONG,
        CLOSED,
        ABORTED,
        MALFORMED,
        ILLEGAL_STATE,
        NAMELESS,
        RELEASED,
        NONE;

        Flux<DataBuffer> of(Flux<DataBuffer> body) {
            return switch (this) {
                case SHORT -> swallowed(body);
                case LONG ->
                    body.concatWith(Mono.fromSupplier(() -> DefaultDataBufferFactory.sharedInstance.wrap(new byte[1])));
                case CLOSED -> body.concatWith(Mono.error(new IOException("Connection reset by peer")));
                case ABORTED -> body.concatWith(Mono.error(new AbortedException("Connection has been closed")));
                case MALFORMED -> body.concatWith(Mono.error(new DecoderException("not a chunk")));
                case ILLEGAL_STATE -> body.concatWith(Mono.error(new IllegalStateException("of the test")));
                case NAMELESS -> body.concatWith(Mono.error(new UnsupportedOperationException()));
                case RELEASED -> swallowed(body).concatWith(Mono.fromSupplier(BrokenUploadTest::released));
                case NONE -> throw new IllegalStateException("of the test");
            };
        }
    }

    /** Breaks the bodies of requests that ask for it. */
    static class BrokenBodies implements WebFilter {

        static final String HEADER = "Test-Body";

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
            String kind = exchange.getRequest().getHeaders().getFirst(HEADER);
            if (kind == null) {
                return chain.filter(exchange);
            }
            ServerHttpRequest broken = new ServerHttpRequestDecorator(exchange.getRequest()) {
                @Override
                public Flux<DataBuffer> getBody() {
                    return Kind.valueOf(kind).of(super.getBody());
                }
            };
            return chain.filter(exchange.mutate().request(broken).build());
        }
    }
}
