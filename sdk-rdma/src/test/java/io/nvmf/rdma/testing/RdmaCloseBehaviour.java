package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.testkit.BytePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Closing a connection: what leaves before, where it may be called, who hears of it. */
interface RdmaCloseBehaviour extends RdmaKit {

    @Test
    default void closingEndsBothSides() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint closer = byConnector ? pair.connector() : pair.acceptor();

            closer.connection().close().block(PATIENCE);

            assertThat(closer.hasEnded()).isTrue();
            assertThat(closer.end()).isEqualTo(CLOSED_HERE);
            assertThat(pair.peerOf(closer).end()).isEqualTo(CLOSED_THERE);
        }
    }

    @Test
    default void closingIsHotAndIdempotentOnAnyThread() {
        RdmaPair pair = open();
        AtomicInteger completions = new AtomicInteger();

        Mono<Void> close = pair.connector().connection().close();

        assertThat(pair.connector().end()).isEqualTo(CLOSED_HERE);
        Mono.when(close, close, pair.connector().connection().close())
                .doOnSuccess(nothing -> completions.incrementAndGet())
                .block(PATIENCE);
        pair.connector().connection().close().block(PATIENCE);
        assertThat(completions).hasValue(1);
        assertThat(pair.acceptor().end()).isEqualTo(CLOSED_THERE);
        pair.acceptor().connection().close().block(PATIENCE);
    }

    @Test
    default void bothSidesMayCloseAtTheSameTime() {
        for (int i = 0; i < 20; i++) {
            RdmaPair pair = open();

            Mono.when(
                            pair.connector().connection().close(),
                            pair.acceptor().connection().close())
                    .block(PATIENCE);

            assertThat(pair.connector().end()).isIn(CLOSED_HERE, CLOSED_THERE);
            assertThat(pair.acceptor().end()).isIn(CLOSED_HERE, CLOSED_THERE);
        }
    }

    @Test
    default void whatWasIssuedBeforeTheCloseLeaves() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint closer = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint peer = pair.peerOf(closer);
            ByteBuf memory = destination(peer, LARGE);
            RdmaWindow window = peer.expose(memory, RdmaAccess.REMOTE_WRITE);
            List<RecordedOperation> operations = new ArrayList<>();

            Mono<Void> close = closer.call(() -> {
                for (int i = 0; i < 20; i++) {
                    operations.add(closer.send(pattern(closer, i, 500)));
                }
                operations.add(closer.write(pattern(closer, 3, LARGE), window.address(), window.key()));
                operations.add(closer.send(pattern(closer, 20, 500)));
                return closer.connection().close();
            });

            close.block(PATIENCE);
            assertThat(operations).allMatch(RecordedOperation::isCompleted);
            for (int i = 0; i <= 20; i++) {
                RdmaKit.assertMessage(peer.next(), i, 500);
            }
            assertThat(peer.end()).isEqualTo(CLOSED_THERE);
            BytePattern.verify(memory, 0, LARGE, 3, 0);
        }
    }

    @Test
    default void closingIsPossibleWithinAMessage() {
        RdmaPair pair = open();
        RdmaEndpoint closer = pair.acceptor();
        closer.onMessage(message -> closer.connection().close().subscribe());

        pair.connector().run(() -> {
            for (int i = 0; i < 10; i++) {
                pair.connector().send(pattern(pair.connector(), i, 100));
            }
        });

        assertThat(closer.end()).isEqualTo(CLOSED_HERE);
        RdmaKit.assertMessage(closer.next(), 0, 100);
        assertThat(closer.waiting()).isZero();
        assertThat(pair.connector().end()).isNotNull();
    }

    @Test
    default void closingIsPossibleWithinACompletion() {
        for (RecordedOperation.Kind kind : RecordedOperation.Kind.values()) {
            RdmaPair pair = open();
            RdmaEndpoint closer = pair.connector();
            RdmaEndpoint peer = pair.acceptor();
            ByteBuf memory = destination(peer, 100);
            RdmaWindow writable = peer.expose(memory, RdmaAccess.REMOTE_WRITE);
            RdmaWindow readable = peer.expose(memory, RdmaAccess.REMOTE_READ);
            ByteBuf into = destination(closer, 100);
            Runnable close = () -> closer.connection().close().subscribe();

            closer.run(() -> {
                RecordedOperation operation = switch (kind) {
                    case SEND -> closer.send(pattern(closer, 1, 10));
                    case WRITE -> closer.write(pattern(closer, 1, 10), writable.address(), writable.key());
                    case READ -> closer.read(into, 0, 10, readable.address(), readable.key());
                };
                operation.then(close);
                closer.read(into, 20, 10, readable.address(), readable.key());
                closer.send(pattern(closer, 2, 10));
            });

            assertThat(closer.end()).isEqualTo(CLOSED_HERE);
            assertThat(closer.started()).allMatch(RecordedOperation::isCompleted);
            assertThat(peer.end()).isNotNull();
        }
    }

    @Test
    default void closingIsPossibleWhereWritabilityChanges() {
        RdmaPair pair = open();
        RdmaEndpoint closer = pair.acceptor();
        RdmaEndpoint peer = pair.connector();
        RdmaWindow window = peer.expose(destination(peer, 1 << 20), RdmaAccess.REMOTE_WRITE);
        closer.onWritable(() -> closer.connection().close().subscribe());

        boolean writable = closer.call(() -> {
            for (int i = 0; i < 16; i++) {
                closer.write(pattern(closer, i, 1 << 20), window.address(), window.key());
            }
            closer.connection().flush();
            return closer.connection().isWritable();
        });

        Assumptions.assumeFalse(writable, "the connection has taken everything");
        assertThat(closer.end()).isEqualTo(CLOSED_HERE);
        assertThat(closer.started()).allMatch(RecordedOperation::isCompleted);
        peer.end();
    }

    @Test
    default void everythingMayBeCalledWithinTheEnd() {
        RdmaPair pair = open();
        AtomicBoolean called = new AtomicBoolean();
        List<RecordedOperation> late = new CopyOnWriteArrayList<>();
        for (RdmaEndpoint end : List.of(pair.connector(), pair.acceptor())) {
            end.onEnd(() -> {
                end.connection().close().subscribe();
                end.connection().abort("within the end");
                end.connection().flush();
                end.connection().isWritable();
                late.add(end.send(pattern(end, 1, 10)));
                called.set(true);
            });
        }

        pair.acceptor().connection().close().block(PATIENCE);

        pair.connector().end();
        pair.acceptor().end();
        assertThat(called).isTrue();
        for (RecordedOperation operation : late) {
            assertThat(operation.failureKind()).isEqualTo(RdmaException.Kind.FLUSHED);
        }
    }

    @Test
    default void whoeverListensAfterTheEndHearsOfIt() {
        RdmaListener listener =
                listen(incoming -> incoming.accept(NOTHING, LIMITS).subscribe(this::endpoint));
        RdmaConnection connection = RdmaKit.get(provider().connect(request(listener.address())));

        connection.close().block(PATIENCE);

        assertThat(endpoint(connection).listen().end()).isEqualTo(CLOSED_HERE);
    }
}
