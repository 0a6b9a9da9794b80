package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.testing.Covers;
import io.nvmf.transport.testkit.BytePattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Windows: what the peer reaches through them, and what not. */
interface RdmaWindowBehaviour extends RdmaKit {

    int WINDOW = 1000;

    @Test
    default void thePeerWritesWithinAWindow() {
        RdmaPair pair = open();
        for (RdmaEndpoint owner : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint writer = pair.peerOf(owner);
            ByteBuf memory = destination(owner, 2000);
            RdmaWindow window = owner.expose(memory, 500, WINDOW, RdmaAccess.REMOTE_WRITE);
            assertThat(owner.<Boolean>call(window::isOpen)).isTrue();

            writer.write(pattern(writer, 1, 10), window.address(), window.key());
            writer.write(pattern(writer, 2, 100), window.address() + 300, window.key());
            writer.write(pattern(writer, 3, 7), window.address() + WINDOW - 7, window.key());
            exchange(writer, owner);

            BytePattern.verifyUntouched(memory, 0, 500);
            BytePattern.verify(memory, 500, 10, 1, 0);
            BytePattern.verifyUntouched(memory, 510, 290);
            BytePattern.verify(memory, 800, 100, 2, 0);
            BytePattern.verifyUntouched(memory, 900, 593);
            BytePattern.verify(memory, 1493, 7, 3, 0);
            BytePattern.verifyUntouched(memory, 1500, 500);
            assertThat(memory.readerIndex()).isZero();
            assertThat(memory.writerIndex()).isZero();
        }
    }

    @Test
    default void thePeerReadsWithinAWindow() {
        RdmaPair pair = open();
        for (RdmaEndpoint owner : List.of(pair.connector(), pair.acceptor())) {
            RdmaEndpoint reader = pair.peerOf(owner);
            ByteBuf memory = source(owner, 8, 2000);
            RdmaWindow window = owner.expose(memory, 500, WINDOW, RdmaAccess.REMOTE_READ);
            ByteBuf into = destination(reader, 2000);

            reader.read(into, 0, WINDOW, window.address(), window.key()).done();
            reader.read(into, 1200, 1, window.address() + WINDOW - 1, window.key())
                    .done();
            reader.read(into, 1300, 50, window.address() + 33, window.key()).done();

            BytePattern.verify(into, 0, WINDOW, 8, 500);
            BytePattern.verifyUntouched(into, WINDOW, 200);
            BytePattern.verify(into, 1200, 1, 8, 1499);
            BytePattern.verify(into, 1300, 50, 8, 533);
            BytePattern.verifyUntouched(into, 1350, 650);
            assertThat(into.writerIndex()).isZero();
            assertThat(memory.readerIndex()).isZero();
        }
    }

    @Test
    default void aWindowHoldsAReferenceAsLongAsItIsOpen() {
        RdmaPair pair = open();
        ByteBuf memory = destination(pair.acceptor(), WINDOW);
        RdmaWindow first = pair.acceptor().expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow second = pair.acceptor().expose(memory, RdmaAccess.REMOTE_READ);
        assertThat(memory.refCnt()).isEqualTo(3);
        assertThat(first.key()).isNotEqualTo(second.key());

        boolean revoked = pair.acceptor().close(first);

        assertThat(revoked).isEqualTo(provider().capabilities().revokesAtOnce());
        assertThat(memory.refCnt()).isEqualTo(revoked ? 2 : 3);
        assertThat(pair.acceptor().close(first)).isEqualTo(revoked);
        assertThat(pair.acceptor().<Boolean>call(second::isOpen)).isTrue();
        pair.acceptor().connection().close().block(PATIENCE);
        assertThat(memory.refCnt()).isEqualTo(1);
        assertThat(first.isOpen()).isFalse();
        assertThat(second.isOpen()).isFalse();
        pair.acceptor().end();
    }

    /** An access that must not be, through a window of one thousand bytes. */
    private void assertRefused(RdmaAccess rights, RdmaAccess tried, long fromBase, int length) {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint stranger = pair.acceptor();
        ByteBuf memory = destination(owner, 3 * WINDOW);
        RdmaWindow window = owner.expose(memory, WINDOW, WINDOW, rights);

        access(stranger, tried, window.address() + fromBase, window.key(), length);

        RdmaKit.assertViolated(stranger, owner);
        BytePattern.verifyUntouched(memory, 0, 3 * WINDOW);
        owner.connection().close().block(PATIENCE);
        stranger.connection().close().block(PATIENCE);
    }

    /** Tries to reach something of the peer. */
    private void access(RdmaEndpoint stranger, RdmaAccess tried, long address, int key, int length) {
        if (tried == RdmaAccess.REMOTE_WRITE) {
            stranger.write(pattern(stranger, 1, length), address, key);
        } else {
            ByteBuf into = destination(stranger, length);
            RecordedOperation read = stranger.read(into, 0, length, address, key);
            assertThat(read.failureKind()).isIn(RdmaException.Kind.FAILED, RdmaException.Kind.FLUSHED);
            BytePattern.verifyUntouched(into, 0, length);
        }
    }

    @Test
    @Covers("A peer reaches the open windows of its own connection only, within their bounds and with their right")
    default void aWindowGivesTheRightThatItSays() {
        assertRefused(RdmaAccess.REMOTE_READ, RdmaAccess.REMOTE_WRITE, 0, 1);
        assertRefused(RdmaAccess.REMOTE_WRITE, RdmaAccess.REMOTE_READ, 0, 1);
    }

    @Test
    @Covers("A peer reaches the open windows of its own connection only, within their bounds and with their right")
    default void aWriteDoesNotLeaveItsWindow() {
        assertNothingBeyond(RdmaAccess.REMOTE_WRITE);
    }

    @Test
    @Covers("A peer reaches the open windows of its own connection only, within their bounds and with their right")
    default void aReadDoesNotLeaveItsWindow() {
        assertNothingBeyond(RdmaAccess.REMOTE_READ);
    }

    private void assertNothingBeyond(RdmaAccess access) {
        assertRefused(access, access, -1, 1);
        assertRefused(access, access, -1, 2);
        assertRefused(access, access, -1, WINDOW + 2);
        assertRefused(access, access, 0, WINDOW + 1);
        assertRefused(access, access, 1, WINDOW);
        assertRefused(access, access, WINDOW - 1, 2);
        assertRefused(access, access, WINDOW, 1);
        assertRefused(access, access, WINDOW + 1, 1);
        assertRefused(access, access, 1L << 32, 1);
        assertRefused(access, access, -(1L << 32), 1);
        assertRefused(access, access, Long.MIN_VALUE, 1);
        assertRefused(access, access, Long.MAX_VALUE, 100);
    }

    @Test
    default void anAddressThatWrapsIsOutside() {
        for (RdmaAccess access : RdmaAccess.values()) {
            for (long address : new long[] {-1, -2, -WINDOW + 1}) {
                RdmaPair pair = open();
                ByteBuf memory = destination(pair.acceptor(), WINDOW);
                RdmaWindow window = pair.acceptor().expose(memory, access);

                access(pair.connector(), access, address, window.key(), WINDOW);

                RdmaKit.assertViolated(pair.connector(), pair.acceptor());
                BytePattern.verifyUntouched(memory, 0, WINDOW);
            }
        }
    }

    @Test
    default void aClosedWindowIsOutOfReach() {
        Assumptions.assumeTrue(provider().capabilities().revokesAtOnce());
        for (RdmaAccess access : RdmaAccess.values()) {
            RdmaPair pair = open();
            ByteBuf memory = destination(pair.acceptor(), WINDOW);
            RdmaWindow window = pair.acceptor().expose(memory, access);

            assertThat(pair.acceptor().close(window)).isTrue();

            assertThat(pair.acceptor().<Boolean>call(window::isOpen)).isFalse();
            access(pair.connector(), access, window.address(), window.key(), 10);
            RdmaKit.assertViolated(pair.connector(), pair.acceptor());
            BytePattern.verifyUntouched(memory, 0, WINDOW);
        }
    }

    @Test
    @Covers("Send with Invalidate closes the window; a key of no open window breaks the protocol")
    default void aMessageInvalidatesAWindow() {
        for (RdmaAccess access : RdmaAccess.values()) {
            RdmaPair pair = open();
            RdmaEndpoint owner = pair.connector();
            RdmaEndpoint peer = pair.acceptor();
            ByteBuf memory = destination(owner, WINDOW);
            RdmaWindow window = owner.expose(memory, access);
            RdmaWindow other = owner.expose(memory, access);
            CompletableFuture<Boolean> openWithin = new CompletableFuture<>();
            owner.onMessage(message -> openWithin.complete(window.isOpen() || memory.refCnt() != 2));

            peer.send(pattern(peer, 1, 16), pattern(peer, 1, 3), window.key()).done();

            assertThat(owner.next().invalidated()).isEqualTo(window.key());
            assertThat(Mono.fromFuture(openWithin).block(PATIENCE)).isFalse();
            assertThat(owner.close(window)).isTrue();
            assertThat(owner.<Boolean>call(other::isOpen)).isTrue();
            access(peer, access, window.address(), window.key(), 10);
            RdmaKit.assertViolated(peer, owner);
            BytePattern.verifyUntouched(memory, 0, WINDOW);
        }
    }

    @Test
    @Covers("Send with Invalidate closes the window; a key of no open window breaks the protocol")
    default void aMessageThatInvalidatesNoWindowBreaksTheProtocol() {
        RdmaPair pair = open();
        RdmaEndpoint owner = pair.connector();
        RdmaEndpoint peer = pair.acceptor();
        RdmaWindow window = owner.expose(destination(owner, WINDOW), RdmaAccess.REMOTE_WRITE);

        peer.send(pattern(peer, 1, 16), null, window.key() == 0x5555 ? 0x5556 : 0x5555);

        RdmaKit.assertViolated(peer, owner);
        assertThat(owner.waiting()).isZero();
    }

    @Test
    @Covers("Send with Invalidate closes the window; a key of no open window breaks the protocol")
    default void aWindowThatIsClosedCannotBeInvalidatedAnyMore() {
        for (RdmaAccess access : RdmaAccess.values()) {
            RdmaPair pair = open();
            RdmaEndpoint owner = pair.connector();
            RdmaEndpoint peer = pair.acceptor();
            ByteBuf memory = destination(owner, WINDOW);
            RdmaWindow window = owner.expose(memory, access);

            boolean closed = owner.close(window);
            peer.send(pattern(peer, 1, 16), null, window.key());

            if (closed) {
                RdmaKit.assertViolated(peer, owner);
                assertThat(owner.waiting()).isZero();
            } else {
                assertThat(owner.next().invalidated()).isEqualTo(window.key());
                assertThat(owner.close(window)).isTrue();
                exchange(pair);
            }
        }
    }

    @Test
    @Covers("A peer reaches the open windows of its own connection only, within their bounds and with their right")
    default void theWindowsOfAnotherConnectionAreOutOfReach() {
        RdmaPair victim = open();
        ByteBuf memory = destination(victim.acceptor(), WINDOW);
        RdmaWindow writable = victim.acceptor().expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow readable = victim.acceptor().expose(memory, RdmaAccess.REMOTE_READ);

        for (RdmaWindow window : List.of(writable, readable)) {
            RdmaPair pair = open();
            RdmaAccess access = window == writable ? RdmaAccess.REMOTE_WRITE : RdmaAccess.REMOTE_READ;
            access(pair.connector(), access, window.address(), window.key(), 10);
            RdmaKit.assertViolated(pair.connector(), pair.acceptor());
        }
        RdmaPair invalidating = open();
        invalidating.connector().send(pattern(invalidating.connector(), 1, 10), null, writable.key());
        RdmaKit.assertViolated(invalidating.connector(), invalidating.acceptor());

        BytePattern.verifyUntouched(memory, 0, WINDOW);
        assertThat(victim.acceptor().<Boolean>call(writable::isOpen)).isTrue();
        exchange(victim);
    }

    @Test
    default void keysAreManyAndNotGuessable() {
        RdmaPair pair = open();
        ByteBuf memory = destination(pair.acceptor(), WINDOW);
        Set<Integer> keys = new HashSet<>();
        Set<Integer> steps = new HashSet<>();

        pair.acceptor().run(() -> {
            List<RdmaWindow> windows = new ArrayList<>();
            int before = 0;
            for (int i = 0; i < 500; i++) {
                RdmaWindow window = pair.acceptor().connection().expose(memory, i, 1, RdmaAccess.REMOTE_WRITE);
                keys.add(window.key());
                steps.add(window.key() - before);
                before = window.key();
                windows.add(window);
                if (i % 2 == 0) {
                    window.close();
                }
            }
            windows.forEach(RdmaWindow::close);
        });

        assertThat(keys).hasSize(500).doesNotContain(RdmaConnection.NO_KEY);
        assertThat(steps).hasSizeGreaterThan(450);
    }

    @Test
    @Covers("A peer reaches the open windows of its own connection only, within their bounds and with their right")
    default void randomKeysAndAddressesReachNothing() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RdmaLimits many = new RdmaLimits(64, 8, 1024, 16, 16);
        for (int connections = 0; connections < 20; connections++) {
            RdmaPair pair = open(many, many);
            ByteBuf memory = destination(pair.acceptor(), 100 * WINDOW);
            ByteBuf into = destination(pair.connector(), WINDOW);
            List<RdmaWindow> windows = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                RdmaAccess access = i % 2 == 0 ? RdmaAccess.REMOTE_READ : RdmaAccess.REMOTE_WRITE;
                windows.add(pair.acceptor().expose(memory, i * WINDOW, WINDOW, access));
            }

            pair.connector().run(() -> {
                for (int i = 0; i < 50; i++) {
                    int length = 1 + random.nextInt(WINDOW);
                    int key = random.nextInt() | 1;
                    RdmaWindow near = windows.get(random.nextInt(windows.size()));
                    long address = random.nextBoolean() ? random.nextLong() : near.address();
                    if (random.nextBoolean()) {
                        pair.connector().write(pattern(pair.connector(), 1, length), address, key);
                    } else {
                        pair.connector().read(into, 0, length, address, key);
                    }
                }
            });

            assertThat(pair.acceptor().end()).describedAs("seed %d", seed).isNotNull();
            pair.connector().end();
            BytePattern.verifyUntouched(memory, 0, 100 * WINDOW);
            BytePattern.verifyUntouched(into, 0, WINDOW);
            Awaitility.await().until(() -> pair.connector().completed().size() == 50);
        }
    }

    @Test
    default void nothingCannotBeExposed() {
        RdmaPair pair = open();
        ByteBuf memory = destination(pair.acceptor(), WINDOW);

        assertThatThrownBy(() -> pair.acceptor().expose(memory, 0, 0, RdmaAccess.REMOTE_READ))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pair.acceptor().expose(memory, 1, WINDOW, RdmaAccess.REMOTE_READ))
                .isInstanceOf(IndexOutOfBoundsException.class);

        exchange(pair);
    }

    @Test
    default void nothingIsExposedAfterTheEnd() {
        RdmaPair pair = open();
        ByteBuf memory = destination(pair.acceptor(), WINDOW);
        pair.connector().connection().close().block(PATIENCE);
        pair.acceptor().end();

        for (RdmaEndpoint end : List.of(pair.connector(), pair.acceptor())) {
            assertThatThrownBy(() -> end.expose(memory, RdmaAccess.REMOTE_READ)).isInstanceOf(RdmaException.class);
        }
    }
}
