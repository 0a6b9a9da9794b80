package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.testkit.BytePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections end, and what that does to everything under way. */
interface RdmaEndBehaviour extends RdmaKit {

    /**
     * Lets a connection end while it reads, and looks at what happens in which order: windows are closed, operations
     * complete, the receiver hears, close completes.
     *
     * @param how ends it, in the turn in which the reads were issued
     * @return how many reads were done before
     */
    private int assertOneOrder(RdmaPair pair, RdmaEndpoint end, Runnable how) {
        RdmaEndpoint peer = pair.peerOf(end);
        RdmaWindow target = peer.expose(source(peer, 1, LARGE), RdmaAccess.REMOTE_READ);
        ByteBuf memory = destination(end, 100);
        RdmaWindow window = end.expose(memory, RdmaAccess.REMOTE_WRITE);
        ByteBuf into = destination(end, LARGE);
        List<String> order = new CopyOnWriteArrayList<>();
        List<RecordedOperation> reads = new ArrayList<>();
        end.onEnd(() -> order.add("ended"));

        end.run(() -> {
            for (int i = 0; i < 30; i++) {
                RecordedOperation read = end.read(into, 0, LARGE, target.address(), target.key());
                reads.add(read.then(() -> order.add(
                        read.failure() == null ? "done" : "flushed " + window.isOpen() + " " + memory.refCnt())));
            }
            how.run();
        });

        end.end();
        end.connection().close().doOnTerminate(() -> order.add("closed")).block(PATIENCE);
        peer.end();
        int done = order.contains("flushed false 1") ? order.indexOf("flushed false 1") : 30;
        assertThat(order.subList(0, done)).allMatch("done"::equals);
        assertThat(order.subList(done, 30)).allMatch("flushed false 1"::equals);
        assertThat(order.subList(30, order.size())).containsExactly("ended", "closed");
        assertThat(end.completed()).containsSubsequence(reads);
        for (RecordedOperation read : reads.subList(done, 30)) {
            assertThat(read.failureKind()).isEqualTo(RdmaException.Kind.FLUSHED);
        }
        return done;
    }

    @Test
    default void closingEndsEverythingInOneOrder() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();

            int done = assertOneOrder(pair, end, () -> end.connection().close().subscribe());

            assertThat(done).isZero();
            assertThat(end.end()).isEqualTo(CLOSED_HERE);
        }
    }

    @Test
    default void abortingEndsEverythingInOneOrder() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();

            int done = assertOneOrder(pair, end, () -> end.connection().abort("enough"));

            assertThat(done).isZero();
        }
    }

    @Test
    default void thePeersCloseEndsEverythingInOneOrder() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint peer = pair.peerOf(end);
            peer.onMessage(message -> peer.connection().close().subscribe());

            assertOneOrder(pair, end, () -> end.send(pattern(end, 1, 10)));

            // a peer that closes while more is on its way to it may reset the connection
            assertThat(end.end()).isNotEqualTo(CLOSED_HERE);
        }
    }

    @Test
    default void aBreachEndsEverythingInOneOrder() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();

            assertOneOrder(pair, end, () -> end.send(pattern(end, 1, 10), null, 0x1234));

            assertThat(pair.peerOf(end).end()).isInstanceOf(RdmaEnd.ProtocolError.class);
        }
    }

    @Test
    default void aCutEndsEverythingInOneOrder() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint peer = pair.peerOf(end);
            peer.onMessage(message -> CompletableFuture.runAsync(() -> breakUp(peer.connection())));

            assertOneOrder(pair, end, () -> end.send(pattern(end, 1, 10)));

            assertThat(end.end()).isInstanceOfAny(RdmaEnd.PeerReset.class, RdmaEnd.IoFailure.class);
        }
    }

    @Test
    default void flushedOperationsCompleteInTheOrderOfTheirCalls() {
        RdmaPair pair = open(new RdmaLimits(64, 64, 4096, 1, 1), new RdmaLimits(64, 64, 4096, 1, 1));
        RdmaEndpoint closer = pair.connector();
        RdmaEndpoint peer = pair.acceptor();
        RdmaWindow readable = peer.expose(source(peer, 1, LARGE), RdmaAccess.REMOTE_READ);
        RdmaWindow writable = peer.expose(destination(peer, LARGE), RdmaAccess.REMOTE_WRITE);
        ByteBuf into = destination(closer, LARGE);

        closer.run(() -> {
            for (int i = 0; i < 20; i++) {
                closer.read(into, 0, LARGE, readable.address(), readable.key());
                closer.write(pattern(closer, 1, LARGE), writable.address(), writable.key());
                closer.send(pattern(closer, 1, 100));
            }
            closer.connection().abort("enough");
        });

        closer.end();
        assertThat(closer.completed()).hasSize(60);
        List<Integer> flushed = closer.completed().stream()
                .filter(operation -> operation.failure() != null)
                .map(operation -> operation.number)
                .toList();
        assertThat(flushed).isSorted().hasSizeGreaterThanOrEqualTo(20);
        peer.end();
    }

    @Test
    default void anOperationAfterTheEndIsFlushed() {
        RdmaPair pair = open();
        pair.connector().connection().close().block(PATIENCE);
        pair.acceptor().end();

        for (RdmaEndpoint end : List.of(pair.connector(), pair.acceptor())) {
            ByteBuf into = destination(end, 10);
            List<RecordedOperation> operations = List.of(
                    end.send(pattern(end, 1, 10), pattern(end, 1, 10), RdmaConnection.NO_KEY),
                    end.write(pattern(end, 1, 10), 1, 1),
                    end.read(into, 0, 10, 1, 1));
            for (RecordedOperation operation : operations) {
                assertThat(operation.failureKind()).isEqualTo(RdmaException.Kind.FLUSHED);
            }
            end.run(end.connection()::flush);
            end.run(() -> end.connection().abort("too late"));
        }
    }

    @Test
    default void nothingIsPlacedAfterTheEnd() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint writer = pair.acceptor();
        ByteBuf memory = destination(owner, LARGE);
        RdmaWindow window = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
        AtomicInteger seed = new AtomicInteger();
        Runnable[] next = new Runnable[1];
        next[0] = () -> {
            if (!writer.hasEnded() && seed.get() < 500) {
                writer.write(pattern(writer, seed.getAndIncrement(), LARGE), window.address(), window.key())
                        .then(next[0]);
            }
        };
        writer.run(next[0]);
        Awaitility.await().until(() -> seed.get() > 3);

        owner.connection().close().block(PATIENCE);

        assertThat(memory.refCnt()).isEqualTo(1);
        ByteBuf untouched = BytePattern.destination(allocator(owner.connection()), LARGE);
        memory.setBytes(0, untouched, 0, LARGE);
        untouched.release();
        writer.end();
        BytePattern.verifyUntouched(memory, 0, LARGE);
    }

    /** Keeps both directions busy with everything there is, until the connection has ended. */
    private static void keepBusy(RdmaKit kit, RdmaPair pair, AtomicInteger rounds) {
        for (RdmaEndpoint end : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint peer = pair.peerOf(end);
            RdmaWindow writable = peer.expose(kit.destination(peer, LARGE), RdmaAccess.REMOTE_WRITE);
            RdmaWindow readable = peer.expose(kit.source(peer, 1, LARGE), RdmaAccess.REMOTE_READ);
            ByteBuf into = kit.destination(end, LARGE);
            Runnable[] next = new Runnable[1];
            next[0] = () -> {
                if (!end.hasEnded()) {
                    for (int i = 0; i < 5; i++) {
                        end.read(into, 0, LARGE, readable.address(), readable.key());
                        end.write(kit.pattern(end, i, 10_000), writable.address(), writable.key());
                    }
                    RecordedOperation last = end.read(into, 0, LARGE, readable.address(), readable.key());
                    last.then(() -> {
                        rounds.incrementAndGet();
                        if (last.failure() == null) {
                            next[0].run();
                        }
                    });
                    end.send(kit.pattern(end, 1, 100));
                }
            };
            end.run(next[0]);
        }
    }

    @Test
    default void aCutEndsBothSidesAndCompletesEverything() {
        for (int round = 0; round < 5; round++) {
            RdmaPair pair = open();
            AtomicInteger rounds = new AtomicInteger();
            keepBusy(this, pair, rounds);
            int enough = round;
            Awaitility.await().until(() -> rounds.get() >= enough);

            breakUp(pair.connector().connection());

            for (RdmaEndpoint end : List.of(pair.connector(), pair.acceptor())) {
                assertThat(end.end()).isInstanceOfAny(RdmaEnd.PeerReset.class, RdmaEnd.IoFailure.class);
                end.connection().close().block(PATIENCE);
                assertThat(end.started()).allMatch(RecordedOperation::isCompleted);
            }
        }
    }

    @Test
    default void closingInTheMiddleCompletesEverything() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            AtomicInteger rounds = new AtomicInteger();
            keepBusy(this, pair, rounds);
            Awaitility.await().until(() -> rounds.get() >= 4);
            RdmaEndpoint closer = byConnector ? pair.connector() : pair.acceptor();

            closer.connection().close().block(PATIENCE);

            assertThat(closer.end()).isEqualTo(CLOSED_HERE);
            assertThat(closer.started()).allMatch(RecordedOperation::isCompleted);
            RdmaEndpoint peer = pair.peerOf(closer);
            peer.end();
            peer.connection().close().block(PATIENCE);
            assertThat(peer.started()).allMatch(RecordedOperation::isCompleted);
        }
    }

    @Test
    default void anAbortSaysThatThePeerBrokeTheProtocol() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            RdmaEndpoint end = byConnector ? pair.connector() : pair.acceptor();

            end.run(() -> end.connection().abort("an answer to nothing"));

            assertThat(end.end()).isInstanceOfSatisfying(RdmaEnd.ProtocolError.class, error -> {
                assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.LOCAL);
                assertThat(error.detail()).contains("an answer to nothing");
            });
            RdmaEnd seen = pair.peerOf(end).end();
            if (seen instanceof RdmaEnd.ProtocolError error) {
                assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.REMOTE);
            } else {
                assertThat(seen).isEqualTo(CLOSED_THERE);
            }
            end.connection().close().block(PATIENCE);
        }
    }

    @Test
    default void messagesOutliveTheirConnection() {
        RdmaPair pair = open();
        RdmaEndpoint receiver = pair.acceptor();
        receiver.keepMessages();
        for (int i = 0; i < 5; i++) {
            pair.connector().send(pattern(pair.connector(), i, 200)).done();
            receiver.next();
        }

        pair.connector().connection().close().block(PATIENCE);

        receiver.end();
        int seed = 0;
        for (ByteBuf message : receiver.kept()) {
            BytePattern.verify(message, message.readerIndex(), 200, seed++, 0);
        }
        assertThat(seed).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    default void theEndOfTheEventLoopEndsTheConnection(boolean withinATurn) {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open();
            AtomicInteger rounds = new AtomicInteger();
            keepBusy(this, pair, rounds);
            Awaitility.await().until(() -> rounds.get() >= 2);
            RdmaEndpoint gone = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint peer = pair.peerOf(gone);

            endLoop(gone.connection(), withinATurn);

            assertThat(gone.end()).isEqualTo(new RdmaEnd.EventLoopGone());
            gone.connection().close().block(PATIENCE);
            assertThat(gone.started()).allMatch(RecordedOperation::isCompleted);
            assertThat(peer.end()).isNotNull();
            peer.connection().close().block(PATIENCE);
            assertThat(peer.started()).allMatch(RecordedOperation::isCompleted);
        }
    }
}
