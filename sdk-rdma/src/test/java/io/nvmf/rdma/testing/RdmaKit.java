package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.BytePattern;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** What {@link RdmaProviderTestKit} gives the behaviours. */
interface RdmaKit {

    Duration PATIENCE = Duration.ofSeconds(30);

    RdmaEnd CLOSED_HERE = new RdmaEnd.Closed(RdmaEnd.Side.LOCAL);
    RdmaEnd CLOSED_THERE = new RdmaEnd.Closed(RdmaEnd.Side.REMOTE);

    /** No private data. */
    ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Of both ends, unless a test says otherwise. */
    RdmaLimits LIMITS = new RdmaLimits(64, 64, 16_384, 16, 16);

    /** No multiple of anything. */
    int LARGE = 100_003;

    RdmaProvider provider();

    RdmaKitMemory memory();

    /** Listens, and answers nothing. */
    default RdmaRequests unanswered() {
        Queue<RdmaIncoming> incoming = new ConcurrentLinkedQueue<>();
        return new RdmaRequests(listen(incoming::add), incoming);
    }

    /** Where to listen, with a free port. */
    TransportAddress address();

    /** Listens until the test is over. */
    RdmaListener listen(Consumer<RdmaIncoming> acceptor);

    /** Listens at an address, in which nobody is interested. */
    Mono<RdmaListener> listening(TransportAddress at);

    RdmaConnectRequest request(TransportAddress to, Duration timeout, ByteBuffer privateData, RdmaLimits limits);

    /** Closes it after the test. */
    RdmaEndpoint endpoint(RdmaConnection connection);

    /** A connection over which the connector has sent one message, and both ends listen. */
    RdmaPair open(RdmaLimits connector, RdmaLimits acceptor);

    /** Breaks a connection as a network does. Tests that do it are named {@code aCut...}. */
    void breakUp(RdmaConnection connection);

    /** Ends the event loop of a connection, within a turn of it or from another thread, or skips the test. */
    void endLoop(RdmaConnection connection, boolean withinATurn);

    /** Memory of a test that a connection can work with. */
    ByteBufAllocator allocator(RdmaConnection connection);

    default RdmaPair open() {
        return open(LIMITS, LIMITS);
    }

    default RdmaConnectRequest request(TransportAddress to, ByteBuffer privateData) {
        return request(to, PATIENCE, privateData, LIMITS);
    }

    default RdmaConnectRequest request(TransportAddress to) {
        return request(to, NOTHING);
    }

    /** The first bytes of a pattern, to give away. */
    default ByteBuf pattern(RdmaEndpoint end, int seed, int length) {
        return memory().pattern(allocator(end.connection()), seed, length);
    }

    /** Memory with a pattern, given back after the test. */
    default ByteBuf source(RdmaEndpoint end, int seed, int length) {
        return memory().source(allocator(end.connection()), seed, length);
    }

    /** Memory in which nothing is yet, given back after the test. */
    default ByteBuf destination(RdmaEndpoint end, int length) {
        return memory().destination(allocator(end.connection()), length);
    }

    /** A message and its answer: what one end has sent before is done. */
    default void exchange(RdmaPair pair) {
        exchange(pair.connector(), pair.acceptor());
        exchange(pair.acceptor(), pair.connector());
    }

    /** A message that arrives. */
    default void exchange(RdmaEndpoint from, RdmaEndpoint to) {
        from.send(pattern(from, 77, 10)).done();
        assertMessage(to.next(), 77, 10);
    }

    /** Accepting a peer that has gone gives nothing, or a connection that ends. */
    default void assertOrphan(RdmaIncoming late) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        late.accept(NOTHING, LIMITS)
                .subscribe(
                        connection -> {
                            RdmaEndpoint acceptor = endpoint(connection);
                            acceptor.onEnd(() -> answer.complete(true));
                            acceptor.listen();
                        },
                        failure -> answer.complete(true));
        assertThat(Mono.fromFuture(answer).block(PATIENCE)).isTrue();
    }

    /** Waits for a failure. */
    static Throwable failure(Mono<RdmaConnection> connect) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        connect.subscribe(
                connection -> failure.complete(new AssertionError("connected: " + connection)), failure::complete);
        return get(Mono.fromFuture(failure));
    }

    static void assertMessage(RdmaEndpoint.Message message, int seed, int length) {
        assertThat(message.bytes()).hasSize(length);
        for (int i = 0; i < length; i++) {
            assertThat(message.bytes().get(i)).isEqualTo(BytePattern.at(seed, i));
        }
    }

    /** One broke the protocol, and both know. */
    static void assertViolated(RdmaEndpoint by, RdmaEndpoint seenBy) {
        assertThat(seenBy.end())
                .isInstanceOfSatisfying(
                        RdmaEnd.ProtocolError.class,
                        error -> assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.LOCAL));
        assertThat(by.end())
                .isInstanceOfSatisfying(
                        RdmaEnd.ProtocolError.class,
                        error -> assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.REMOTE));
    }

    static <T> T get(Mono<T> mono) {
        T value = mono.block(PATIENCE);
        if (value == null) {
            throw new AssertionError("completed without a value");
        }
        return value;
    }
}
