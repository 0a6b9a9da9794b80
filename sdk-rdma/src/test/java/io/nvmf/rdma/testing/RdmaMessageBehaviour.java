package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.transport.testkit.BytePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Messages: their order and size, the places for them, and how sending completes. */
interface RdmaMessageBehaviour extends RdmaKit {

    @Test
    default void messagesArriveWholeAndInOrder() {
        RdmaPair pair = open();
        int[] sizes = {1, 2, 3, 4, 5, 16, 63, 64, 65, 255, 256, 1000, 1440, 1460, 4096, 4097, 9000, 16_383, 16_384};

        for (RdmaEndpoint from : List.of(pair.connector(), pair.acceptor())) {
            from.run(() -> {
                for (int size : sizes) {
                    from.send(pattern(from, size, size));
                }
            });
            for (int size : sizes) {
                RdmaEndpoint.Message message = pair.peerOf(from).next();
                RdmaKit.assertMessage(message, size, size);
                assertThat(message.invalidated()).isEqualTo(RdmaConnection.NO_KEY);
            }
        }
    }

    @Test
    default void headerAndDataAreOneMessage() {
        RdmaPair pair = open();
        RdmaEndpoint from = pair.connector();

        for (int header : new int[] {1, 16, 64, 1000}) {
            for (int data : new int[] {0, 1, 3, 512, 8192}) {
                ByteBuf first = pattern(from, 5, header);
                ByteBuf second = memory().range(allocator(from.connection()), 5, header, data);
                from.send(first, second, RdmaConnection.NO_KEY).done();
                RdmaKit.assertMessage(pair.acceptor().next(), 5, header + data);
            }
        }
        assertThat(pair.acceptor().waiting()).isZero();
    }

    @Test
    default void aMessageIsWhatLiesBetweenTheIndices() {
        RdmaPair pair = open();
        RdmaEndpoint from = pair.connector();
        ByteBuf header = pattern(from, 5, 100).readerIndex(10).writerIndex(40);
        ByteBuf data = pattern(from, 5, 2000).readerIndex(40).writerIndex(1500);
        // pattern 5 from 10 on, without a gap
        from.send(header, data, RdmaConnection.NO_KEY).done();

        List<Byte> message = pair.acceptor().next().bytes();
        assertThat(message).hasSize(1490);
        for (int i = 0; i < message.size(); i++) {
            assertThat(message.get(i)).isEqualTo(BytePattern.at(5, 10 + i));
        }
    }

    @Test
    default void anyKindOfMemoryIsSent() {
        Assumptions.assumeTrue(provider().capabilities().anyMemory());
        RdmaPair pair = open();
        RdmaEndpoint from = pair.connector();
        ByteBuf heap = memory().given(Unpooled.buffer(64));
        ByteBuf direct = memory().given(Unpooled.directBuffer(3000));
        CompositeByteBuf composite = Unpooled.compositeBuffer();
        memory().given(composite);
        for (int i = 0; i < 64; i++) {
            heap.writeByte(BytePattern.at(3, i));
        }
        for (int i = 64; i < 3064; i++) {
            direct.writeByte(BytePattern.at(3, i));
        }
        composite.addComponents(
                true, direct.readRetainedSlice(1), direct.readRetainedSlice(1999), direct.readSlice(1000));

        from.send(heap, composite, RdmaConnection.NO_KEY).done();

        RdmaKit.assertMessage(pair.acceptor().next(), 3, 3064);
        Awaitility.await().until(() -> direct.refCnt() == 0);
    }

    @Test
    default void whatHasBeenSentNeedNotBeFlushed() {
        RdmaPair pair = open();

        pair.connector().run(() -> {
            pair.connector().send(pattern(pair.connector(), 1, 20));
            pair.connector().connection().flush();
            pair.connector().connection().flush();
            pair.connector().send(pattern(pair.connector(), 2, 30));
        });

        RdmaKit.assertMessage(pair.acceptor().next(), 1, 20);
        RdmaKit.assertMessage(pair.acceptor().next(), 2, 30);
    }

    @Test
    default void anEmptyMessageIsRefused() {
        RdmaPair pair = open();
        RdmaEndpoint from = pair.connector();

        assertThatThrownBy(() -> from.send(pattern(from, 1, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> from.send(pattern(from, 1, 0), pattern(from, 1, 10), RdmaConnection.NO_KEY))
                .isInstanceOf(IllegalArgumentException.class);

        exchange(pair);
    }

    @Test
    default void aMessageThatIsTooLargeBreaksTheProtocol() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open(new RdmaLimits(8, 8, 100, 4, 4), new RdmaLimits(8, 8, 100, 4, 4));
            RdmaEndpoint from = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint to = pair.peerOf(from);
            int largest = to.connection().limits().receiveSize();
            from.send(pattern(from, 1, largest)).done();
            RdmaKit.assertMessage(to.next(), 1, largest);

            from.send(pattern(from, 1, largest - 10), pattern(from, 1, 11), RdmaConnection.NO_KEY);

            RdmaKit.assertViolated(from, to);
            assertThat(to.waiting()).isZero();
        }
    }

    @Test
    default void aMessageWithoutAPlaceBreaksTheProtocol() {
        for (boolean byConnector : new boolean[] {true, false}) {
            RdmaPair pair = open(new RdmaLimits(64, 4, 100, 4, 4), new RdmaLimits(64, 4, 100, 4, 4));
            RdmaEndpoint from = byConnector ? pair.connector() : pair.acceptor();
            RdmaEndpoint to = pair.peerOf(from);
            int places = to.connection().limits().receives();
            to.keepMessages();
            for (int i = 0; i < places; i++) {
                from.send(pattern(from, i, 50)).done();
                RdmaKit.assertMessage(to.next(), i, 50);
            }
            assertThat(to.hasEnded()).isFalse();

            from.send(pattern(from, 9, 50));

            RdmaKit.assertViolated(from, to);
            assertThat(to.waiting()).isZero();
            // those that have come are still the receiver's
            int seed = 0;
            for (ByteBuf message : to.kept()) {
                BytePattern.verify(message, message.readerIndex(), 50, seed++, 0);
            }
            assertThat(seed).isEqualTo(places);
        }
    }

    @Test
    default void aReleasedMessageGivesItsPlaceBack() {
        RdmaPair pair = open(new RdmaLimits(4, 1, 64, 1, 1), new RdmaLimits(4, 1, 64, 1, 1));

        for (int i = 0; i < 100; i++) {
            exchange(pair);
        }
    }

    @Test
    default void aPlaceComesBackWhateverThreadReleasesIt() {
        RdmaPair pair = open(new RdmaLimits(4, 4, 64, 1, 1), new RdmaLimits(4, 1, 64, 1, 1));
        RdmaEndpoint to = pair.acceptor();
        Assumptions.assumeTrue(to.connection().limits().receives() == 1);
        to.keepMessages();

        for (int i = 0; i < 20; i++) {
            exchange(pair.connector(), to);
            ByteBuf message = to.kept().remove();
            message.release();
        }
    }

    @Test
    default void aMessageMayBeKeptWhileOthersComeAndGo() {
        RdmaPair pair = open();
        RdmaEndpoint from = pair.connector();
        pair.acceptor().keepMessages();
        for (int i = 0; i < 10; i++) {
            from.send(pattern(from, i, 100));
        }
        for (int i = 0; i < 10; i++) {
            pair.acceptor().next();
        }

        int seed = 0;
        for (ByteBuf message : pair.acceptor().kept()) {
            BytePattern.verify(message, message.readerIndex(), 100, seed++, 0);
        }
        pair.acceptor().releaseKept();
    }

    @Test
    default void moreOperationsThanThereAreIsRefused() {
        RdmaPair pair = open(new RdmaLimits(5, 8, 100, 4, 4), new RdmaLimits(5, 200, 100, 4, 4));
        RdmaEndpoint from = pair.connector();
        int most = from.connection().limits().sends();
        Assumptions.assumeTrue(most < 200);
        List<RecordedOperation> operations = new ArrayList<>();

        from.run(() -> {
            for (int i = 0; i < most + 3; i++) {
                operations.add(from.send(pattern(from, i, 10), pattern(from, i, 5), RdmaConnection.NO_KEY));
            }
        });

        for (int i = 0; i < most; i++) {
            operations.get(i).done();
            assertThat(pair.acceptor().next().bytes()).hasSize(15);
        }
        for (int i = most; i < most + 3; i++) {
            assertThat(operations.get(i).failureKind()).isEqualTo(RdmaException.Kind.EXHAUSTED);
        }
        exchange(pair);
        assertThat(pair.acceptor().waiting()).isZero();
    }

    @Test
    default void theNextOperationMayStartWhereOneCompletes() {
        RdmaPair pair = open(new RdmaLimits(1, 200, 100, 4, 4), new RdmaLimits(8, 200, 100, 4, 4));
        RdmaEndpoint from = pair.connector();
        AtomicInteger left = new AtomicInteger(50);
        Runnable[] next = new Runnable[1];
        next[0] = () -> {
            if (left.getAndDecrement() > 0) {
                from.send(pattern(from, 4, 32)).then(next[0]);
            }
        };

        from.run(next[0]);

        for (int i = 0; i < 50; i++) {
            RdmaKit.assertMessage(pair.acceptor().next(), 4, 32);
        }
        assertThat(from.completed().stream().map(RecordedOperation::failure)).allMatch(failure -> failure == null);
    }

    @Test
    default void sendingCompletesInOrder() {
        RdmaPair pair = open();
        RdmaEndpoint from = pair.acceptor();
        List<RecordedOperation> operations = new ArrayList<>();

        from.run(() -> {
            for (int i = 0; i < 60; i++) {
                operations.add(from.send(pattern(from, i, 1 + i * 50)));
                if (i % 7 == 0) {
                    from.connection().flush();
                }
            }
        });

        operations.forEach(RecordedOperation::done);
        assertThat(from.completed()).isEqualTo(operations);
        for (int i = 0; i < 60; i++) {
            RdmaKit.assertMessage(pair.connector().next(), i, 1 + i * 50);
        }
    }

    @Test
    default void bothSidesSendAtTheSameTime() {
        RdmaLimits many = new RdmaLimits(256, 256, 4096, 4, 4);
        RdmaPair pair = open(many, many);

        for (RdmaEndpoint from : List.of(pair.connector(), pair.acceptor())) {
            for (int i = 0; i < 200; i++) {
                from.send(pattern(from, i, 1 + i * 17));
            }
        }

        for (RdmaEndpoint to : List.of(pair.connector(), pair.acceptor())) {
            for (int i = 0; i < 200; i++) {
                RdmaKit.assertMessage(to.next(), i, 1 + i * 17);
            }
        }
    }

    @Test
    default void nothingIsDeliveredBeforeThereIsAReceiver() {
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener =
                listen(incoming -> incoming.accept(NOTHING, LIMITS).subscribe(accepted::complete));
        RdmaEndpoint connector = endpoint(RdmaKit.get(provider().connect(request(listener.address()))))
                .listen();
        for (int i = 0; i < 3; i++) {
            connector.send(pattern(connector, i, 40)).done();
        }

        RdmaEndpoint acceptor = endpoint(RdmaKit.get(Mono.fromFuture(accepted))).listen();

        for (int i = 0; i < 3; i++) {
            RdmaKit.assertMessage(acceptor.next(), i, 40);
        }
        exchange(new RdmaPair(connector, acceptor));
    }

    @Test
    default void messagesThatNobodyTookAreReleasedWithTheConnection() {
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener =
                listen(incoming -> incoming.accept(NOTHING, LIMITS).subscribe(accepted::complete));
        RdmaEndpoint connector = endpoint(RdmaKit.get(provider().connect(request(listener.address()))))
                .listen();
        for (int i = 0; i < 3; i++) {
            connector.send(pattern(connector, i, 40)).done();
        }

        RdmaKit.get(Mono.fromFuture(accepted)).close().block(PATIENCE);

        connector.end();
    }
}
