package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.testkit.BytePattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Writes and reads: when their data is there, and how they complete. */
interface RdmaTransferBehaviour extends RdmaKit {

    int PIECE = 4096;

    @Test
    default void whatWasWrittenIsThereWhenTheNextMessageIsDelivered() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint writer = pair.acceptor();
        ByteBuf memory = destination(owner, 1 << 20);
        RdmaWindow window = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
        ConcurrentLinkedQueue<int[]> expected = new ConcurrentLinkedQueue<>();
        owner.onMessage(message -> {
            int[] next = expected.poll();
            BytePattern.verify(memory, 0, next[1], next[0], 0);
        });

        int seed = 0;
        for (int size : new int[] {1, 3, 4, 100, 512, 1441, 4096, 16_384, 65_536, 100_003, 1 << 20}) {
            int round = seed++;
            expected.add(new int[] {round, size});
            writer.run(() -> {
                writer.write(pattern(writer, round, size), window.address(), window.key());
                writer.send(pattern(writer, 1, 16));
            });
            // the next write is to the same place
            owner.next();
        }
    }

    @Test
    default void aWriteMayBeCutIntoPiecesInAnyOrder() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint writer = pair.acceptor();
        Random random = new Random(11);
        for (int round = 0; round < 20; round++) {
            int seed = round;
            ByteBuf memory = destination(owner, LARGE);
            RdmaWindow window = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
            List<Integer> starts = new ArrayList<>();
            for (int start = 0; start < LARGE; start += PIECE) {
                starts.add(start);
            }
            Collections.shuffle(starts, random);

            writer.run(() -> {
                for (int start : starts) {
                    int length = Math.min(PIECE, LARGE - start);
                    ByteBuf piece = memory().range(allocator(writer.connection()), seed, start, length);
                    writer.write(piece, window.address() + start, window.key());
                }
                writer.send(pattern(writer, 1, 16), null, window.key());
            });

            assertThat(owner.next().invalidated()).isEqualTo(window.key());
            BytePattern.verify(memory, 0, LARGE, seed, 0);
        }
    }

    @Test
    default void aReadBringsWhatIsThere() {
        RdmaPair pair = open();
        for (RdmaEndpoint owner : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint reader = pair.peerOf(owner);
            ByteBuf memory = source(owner, 6, 1 << 20);
            RdmaWindow window = owner.expose(memory, RdmaAccess.REMOTE_READ);
            for (int size : new int[] {1, 3, 4, 100, 1441, 4096, 65_536, 100_003, 1 << 20}) {
                ByteBuf into = destination(reader, size + 20);
                RecordedOperation read = reader.read(into, 10, size, window.address(), window.key());
                read.done();
                BytePattern.verifyUntouched(into, 0, 10);
                BytePattern.verify(into, 10, size, 6, 0);
                BytePattern.verifyUntouched(into, 10 + size, 10);
            }
        }
    }

    @Test
    default void aReadHoldsItsMemoryUntilItCompletes() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint reader = pair.acceptor();
        RdmaWindow window = owner.expose(source(owner, 6, PIECE), RdmaAccess.REMOTE_READ);
        ByteBuf into = memory().given(BytePattern.destination(allocator(reader.connection()), PIECE));
        List<Integer> references = Collections.synchronizedList(new ArrayList<>());

        RecordedOperation read = reader.call(() -> {
            RecordedOperation started = reader.read(into, 0, PIECE, window.address(), window.key())
                    .then(() -> references.add(into.refCnt()));
            references.add(into.refCnt());
            return started;
        });

        read.done();
        Awaitility.await().until(() -> references.size() == 2);
        assertThat(references).containsExactly(2, 1);
        into.release();
    }

    @Test
    default void nothingIsNeitherWrittenNorRead() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint peer = pair.acceptor();
        ByteBuf memory = destination(owner, 100);
        RdmaWindow writable = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow readable = owner.expose(memory, RdmaAccess.REMOTE_READ);
        ByteBuf into = destination(peer, 100);

        assertThatThrownBy(() -> peer.write(pattern(peer, 1, 0), writable.address(), writable.key()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> peer.read(into, 0, 0, readable.address(), readable.key()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> peer.read(into, 90, 11, readable.address(), readable.key()))
                .isInstanceOf(IndexOutOfBoundsException.class);

        exchange(pair);
    }

    @Test
    default void moreReadsThanAtOnceWaitInOrder() {
        RdmaPair pair = open(new RdmaLimits(64, 64, 4096, 2, 2), new RdmaLimits(64, 64, 4096, 2, 2));
        for (RdmaEndpoint owner : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint reader = pair.peerOf(owner);
            assertThat(reader.connection().limits().readsOut()).isEqualTo(2);
            RdmaWindow window = owner.expose(source(owner, 9, LARGE), RdmaAccess.REMOTE_READ);
            ByteBuf into = destination(reader, LARGE);
            List<RecordedOperation> reads = new ArrayList<>();
            reader.completed().clear();

            reader.run(() -> {
                for (int i = 0; i < 40; i++) {
                    reads.add(reader.read(into, i * 2000, 2000, window.address() + i * 2000L, window.key()));
                }
            });

            reads.forEach(RecordedOperation::done);
            assertThat(reader.completed()).isEqualTo(reads);
            BytePattern.verify(into, 0, 80_000, 9, 0);
            BytePattern.verifyUntouched(into, 80_000, LARGE - 80_000);
        }
    }

    @Test
    default void aPeerThatServesNoReadsIsNotAsked() {
        RdmaPair pair = open(new RdmaLimits(8, 8, 4096, 0, 0), LIMITS);
        RdmaEndpoint reader = pair.acceptor();
        RdmaWindow window = pair.connector().expose(source(pair.connector(), 9, 100), RdmaAccess.REMOTE_READ);
        assertThat(reader.connection().limits().readsOut()).isZero();

        RecordedOperation read = reader.read(destination(reader, 100), 0, 100, window.address(), window.key());

        assertThat(read.failureKind()).isEqualTo(RdmaException.Kind.EXHAUSTED);
        exchange(pair);
    }

    @Test
    default void writesAndReadsCountAsOperations() {
        RdmaPair pair = open(new RdmaLimits(4, 8, 4096, 4, 4), new RdmaLimits(4, 200, 4096, 4, 4));
        RdmaEndpoint owner = pair.acceptor();
        RdmaEndpoint peer = pair.connector();
        int most = peer.connection().limits().sends();
        ByteBuf memory = destination(owner, PIECE);
        RdmaWindow writable = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow readable = owner.expose(memory, RdmaAccess.REMOTE_READ);
        ByteBuf into = destination(peer, PIECE);
        List<RecordedOperation> refused = new ArrayList<>();
        List<RecordedOperation> started = new ArrayList<>();

        peer.run(() -> {
            for (int i = 0; i < most; i++) {
                started.add(
                        i % 2 == 0
                                ? peer.write(pattern(peer, 1, 10), writable.address(), writable.key())
                                : peer.read(into, 0, 10, readable.address(), readable.key()));
            }
            refused.add(peer.write(pattern(peer, 1, 10), writable.address() + 20, writable.key()));
            refused.add(peer.read(into, 20, 10, readable.address(), readable.key()));
            refused.add(peer.send(pattern(peer, 1, 10)));
        });

        started.forEach(RecordedOperation::done);
        for (RecordedOperation operation : refused) {
            assertThat(operation.failureKind()).isEqualTo(RdmaException.Kind.EXHAUSTED);
        }
        exchange(pair);
        BytePattern.verifyUntouched(memory, 20, 10);
        BytePattern.verifyUntouched(into, 20, 10);
    }

    @Test
    default void eachKindCompletesInOrder() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint peer = pair.acceptor();
        ByteBuf memory = destination(owner, LARGE);
        RdmaWindow writable = owner.expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow readable = owner.expose(memory, RdmaAccess.REMOTE_READ);
        ByteBuf into = destination(peer, LARGE);
        List<RecordedOperation> operations = new ArrayList<>();

        peer.run(() -> {
            for (int i = 0; i < 20; i++) {
                operations.add(peer.read(into, 0, LARGE - i * 4000, readable.address(), readable.key()));
                operations.add(peer.write(pattern(peer, i, LARGE - i * 5000), writable.address(), writable.key()));
                operations.add(peer.send(pattern(peer, i, 1000 - i * 50)));
            }
        });

        operations.forEach(RecordedOperation::done);
        for (RecordedOperation.Kind kind : RecordedOperation.Kind.values()) {
            assertThat(peer.completed().stream().filter(operation -> operation.kind == kind))
                    .containsExactlyElementsOf(operations.stream()
                            .filter(operation -> operation.kind == kind)
                            .toList());
        }
        BytePattern.verify(memory, 0, 5000, 19, 0);
        for (int i = 0; i < 20; i++) {
            owner.next();
        }
    }

    @Test
    default void muchMovesInAllDirectionsAtTheSameTime() {
        RdmaPair pair = open();
        int megabyte = 1 << 20;
        List<RecordedOperation> operations = new ArrayList<>();
        List<Runnable> checks = new ArrayList<>();
        for (RdmaEndpoint owner : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint peer = pair.peerOf(owner);
            ByteBuf written = destination(owner, 4 * megabyte);
            RdmaWindow writable = owner.expose(written, RdmaAccess.REMOTE_WRITE);
            RdmaWindow readable = owner.expose(source(owner, 5, megabyte), RdmaAccess.REMOTE_READ);
            peer.run(() -> {
                for (int i = 0; i < 4; i++) {
                    ByteBuf into = destination(peer, megabyte);
                    operations.add(peer.write(
                            pattern(peer, i, megabyte), writable.address() + (long) i * megabyte, writable.key()));
                    operations.add(peer.read(into, 0, megabyte, readable.address(), readable.key()));
                    int seed = i;
                    checks.add(() -> BytePattern.verify(into, 0, megabyte, 5, 0));
                    checks.add(() -> BytePattern.verify(written, seed * megabyte, megabyte, seed, 0));
                }
            });
        }

        operations.forEach(RecordedOperation::done);
        exchange(pair);
        checks.forEach(Runnable::run);
    }

    @Test
    default void aConnectionTakesDataAgainWhenItHasLeft() {
        RdmaPair pair = open();
        RdmaEndpoint writer = pair.acceptor();
        RdmaEndpoint owner = pair.connector();
        RdmaWindow window = owner.expose(destination(owner, 1 << 20), RdmaAccess.REMOTE_WRITE);
        assertThat(writer.<Boolean>call(writer.connection()::isWritable)).isTrue();
        List<RecordedOperation> writes = new ArrayList<>();

        boolean took = writer.call(() -> {
            for (int i = 0; i < 16; i++) {
                writes.add(writer.write(pattern(writer, i, 1 << 20), window.address(), window.key()));
            }
            writer.connection().flush();
            return writer.connection().isWritable();
        });

        writes.forEach(RecordedOperation::done);
        Awaitility.await().until(() -> writer.<Boolean>call(writer.connection()::isWritable));
        if (!took) {
            Awaitility.await().until(() -> writer.writableChanges() > 0);
        }
    }

    @Test
    default void anyKindOfMemoryIsExposedAndReadInto() {
        Assumptions.assumeTrue(provider().capabilities().anyMemory());
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint peer = pair.acceptor();
        List<ByteBuf> there = List.of(heap(), composite(), slice());
        List<ByteBuf> here = List.of(composite(), slice(), heap());

        for (int i = 0; i < there.size(); i++) {
            ByteBuf memory = there.get(i);
            ByteBuf into = here.get(i);
            RdmaWindow writable = owner.expose(memory, 1, PIECE - 1, RdmaAccess.REMOTE_WRITE);
            RdmaWindow readable = owner.expose(memory, RdmaAccess.REMOTE_READ);
            peer.write(pattern(peer, 2, PIECE - 1), writable.address(), writable.key());
            exchange(pair);
            peer.read(into, 0, PIECE, readable.address(), readable.key()).done();
            BytePattern.verify(memory, 1, PIECE - 1, 2, 0);
            BytePattern.verify(into, 1, PIECE - 1, 2, 0);
        }
    }

    private ByteBuf heap() {
        return memory().own(memory().given(Unpooled.buffer(PIECE, PIECE)));
    }

    private ByteBuf slice() {
        ByteBuf whole = Unpooled.directBuffer(PIECE + 100, PIECE + 100);
        return memory().own(memory().given(whole.slice(50, PIECE)));
    }

    private ByteBuf composite() {
        CompositeByteBuf composite = Unpooled.compositeBuffer();
        composite.addComponents(true, Unpooled.wrappedBuffer(new byte[1000]), Unpooled.wrappedBuffer(new byte[96]));
        composite.addComponent(true, Unpooled.directBuffer(3000, 3000).writeZero(3000));
        return memory().own(memory().given(composite));
    }
}
