package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Streams of FPDUs that were right until something happened to them. Whatever comes, a connection goes on or ends with a
 * reason, completes everything once, changes no memory outside of its windows, and keeps nothing. Seeded: every run
 * tries the same.
 */
class StreamFuzzTest {

    private static final int ROUNDS = 4_000;
    private static final int GUARD = 32;
    private static final int WINDOW = 64;

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    private long memory;

    /** The leak detector would take most of the time; here memory is counted, exactly. */
    @BeforeEach
    void countMemory() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        memory = used();
    }

    @AfterEach
    void nothingIsKept() {
        ResourceLeakDetector.setLevel(level);
        assertThat(used()).isEqualTo(memory);
    }

    private static long used() {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** A connection with windows between guards, and a read that is out. */
    static final class Scene implements AutoCloseable {

        final EmbeddedIwarp iwarp;
        final ByteBuf writable = guarded();
        final ByteBuf readable = guarded();
        final ByteBuf sink = guarded();
        final RdmaWindow write;
        final RdmaWindow read;
        final int sinkKey;
        final long sinkOffset;

        Scene(boolean checked) {
            iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(checked, 200, EmbeddedIwarp.LIMITS));
            write = iwarp.connection.expose(writable, GUARD, WINDOW, RdmaAccess.REMOTE_WRITE);
            read = iwarp.connection.expose(readable, GUARD, WINDOW, RdmaAccess.REMOTE_READ);
            iwarp.connection.read(sink, GUARD, WINDOW, 0x1000, 77, iwarp.noted("read"));
            ByteBuf request = Unpooled.wrappedBuffer(iwarp.sent());
            sinkKey = request.getInt(20);
            sinkOffset = request.getLong(24);
        }

        private static ByteBuf guarded() {
            byte[] bytes = new byte[GUARD + WINDOW + GUARD];
            Arrays.fill(bytes, (byte) 0xEE);
            return Unpooled.wrappedBuffer(bytes);
        }

        List<byte[]> rightStream() {
            byte[] data = TestFpdu.pattern(WINDOW, 1);
            return List.of(
                    TestFpdu.tagged(0, false, write.key(), write.address(), Arrays.copyOf(data, 40)),
                    TestFpdu.write(write.key(), write.address() + 40, Arrays.copyOf(data, 24)),
                    TestFpdu.untagged(3, false, 0, 0, 1, 0, data),
                    TestFpdu.readResponse(false, sinkKey, sinkOffset, Arrays.copyOf(data, 30)),
                    TestFpdu.untagged(3, true, 0, 0, 1, WINDOW, data),
                    TestFpdu.readRequest(1, 5, 6, WINDOW, read.key(), read.address()),
                    TestFpdu.readResponse(true, sinkKey, sinkOffset + 30, Arrays.copyOf(data, 34)),
                    TestFpdu.sendInvalidate(2, read.key(), Arrays.copyOf(data, 16)),
                    TestFpdu.sendInvalidate(3, write.key(), data));
        }

        void assertNothingOutsideIsTouched(String what) {
            boolean intact = isUntouched(readable.array(), GUARD, GUARD + WINDOW);
            for (ByteBuf buffer : List.of(writable, sink, readable)) {
                intact &= isUntouched(buffer.array(), 0, GUARD)
                        && isUntouched(buffer.array(), GUARD + WINDOW, GUARD + WINDOW + GUARD);
            }
            assertThat(intact).describedAs(what).isTrue();
        }

        private static boolean isUntouched(byte[] bytes, int from, int to) {
            for (int i = from; i < to; i++) {
                if (bytes[i] != (byte) 0xEE) {
                    return false;
                }
            }
            return true;
        }

        /** Whatever has happened, this is the end, and it has happened once. */
        void assertEnds(String what) {
            RdmaEnd early = iwarp.end;
            if (early != null) {
                assertThat(early).describedAs(what).isInstanceOf(RdmaEnd.ProtocolError.class);
            }
            iwarp.close();
            assertThat(iwarp.end).describedAs(what).isNotNull();
            assertThat(iwarp.completions).describedAs(what).hasSize(1);
            assertNothingOutsideIsTouched(what);
            for (ByteBuf buffer : List.of(writable, sink, readable)) {
                assertThat(buffer.refCnt()).describedAs(what).isOne();
            }
        }

        @Override
        public void close() {
            iwarp.close();
            writable.release();
            sink.release();
            readable.release();
        }
    }

    private static List<byte[]> damaged(List<byte[]> right, Random random) {
        List<byte[]> stream = new ArrayList<>(right);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(stream.size());
            byte[] fpdu = stream.get(at).clone();
            if (fpdu.length < 10) {
                continue;
            }
            switch (random.nextInt(9)) {
                case 0 -> fpdu[random.nextInt(fpdu.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> fpdu[random.nextInt(2)] = (byte) random.nextInt();
                case 2 -> fpdu = changed(fpdu, 2 + random.nextInt(18), random);
                case 3 -> fpdu = changed(fpdu, 2 + random.nextInt(2), random);
                case 4 -> fpdu = changed(fpdu, 8 + random.nextInt(8), random);
                case 5 -> fpdu = Arrays.copyOf(fpdu, random.nextInt(fpdu.length));
                case 6 -> stream.add(random.nextInt(stream.size() + 1), fpdu);
                case 7 -> stream.add(random.nextInt(stream.size()), stream.remove(at));
                default -> {
                    byte[] noise = new byte[10 + random.nextInt(40)];
                    random.nextBytes(noise);
                    stream.add(at, noise);
                }
            }
            if (at < stream.size()) {
                stream.set(at, fpdu);
            }
        }
        return stream;
    }

    /** With a check sum that is right, so that what is wrong is looked at. */
    private static byte[] changed(byte[] fpdu, int at, Random random) {
        int limit = Math.min(at, 1 + TestFpdu.length(fpdu));
        return limit >= 2 && TestFpdu.length(fpdu) + 2 <= fpdu.length
                ? TestFpdu.changed(fpdu, limit, random.nextInt())
                : fpdu;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionSurvivesDamagedStreams(boolean checked) {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            try (Scene scene = new Scene(checked)) {
                byte[] all = TestFpdu.join(damaged(scene.rightStream(), random));
                int at = 0;
                while (at < all.length) {
                    int n = Math.min(all.length - at, random.nextInt(8) == 0 ? 1 + random.nextInt(9) : 200);
                    scene.iwarp.deliver(Arrays.copyOfRange(all, at, at + n));
                    at += n;
                }
                scene.iwarp.sent();
                scene.assertEnds("seed " + seed);
            }
        }
    }

    @Test
    void theStreamIsRightBeforeItIsDamaged() {
        try (Scene scene = new Scene(true)) {
            // The window is invalidated in a later turn than the read of it.
            scene.rightStream().forEach(scene.iwarp::deliver);
            assertThat(scene.iwarp.end).isNull();
            assertThat(scene.iwarp.messages).hasSize(3);
            assertThat(scene.iwarp.completions).containsExactly("read done");
            scene.iwarp.sent();
            scene.assertEnds("right");
        }
    }

    /**
     * Messages to windows that are open, with any key and any offset, near and far. Check sums are right, and a
     * connection that is ended is replaced.
     */
    @Test
    void aHundredThousandTaggedMessagesChangeNothingOutsideOfWindows() {
        Random random = new Random(7);
        int sent = 0;
        int placed = 0;
        while (sent < 100_000) {
            try (Scene scene = new Scene(true)) {
                while (sent < 100_000 && scene.iwarp.channel.isOpen()) {
                    byte[] payload = new byte[1 + random.nextInt(WINDOW + 8)];
                    Arrays.fill(payload, (byte) 0x11);
                    int opcode = random.nextInt(16) == 0 ? 2 : 0;
                    scene.iwarp.deliver(TestFpdu.tagged(
                            opcode, random.nextBoolean(), key(scene, random), offset(scene, random), payload));
                    sent++;
                    if (scene.iwarp.channel.isOpen()) {
                        placed++;
                    }
                    scene.assertNothingOutsideIsTouched("message " + sent);
                }
                scene.iwarp.sent();
                scene.assertEnds("message " + sent);
            }
        }
        assertThat(placed).isGreaterThan(10_000);
    }

    private static int key(Scene scene, Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> random.nextInt();
            case 1 -> scene.read.key();
            case 2 -> scene.sinkKey;
            case 3 -> scene.write.key() ^ 1 << random.nextInt(32);
            default -> scene.write.key();
        };
    }

    private static long offset(Scene scene, Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> random.nextLong();
            case 1 -> scene.write.address() + random.nextInt();
            case 2 -> scene.sinkOffset;
            case 3 -> -1L - random.nextInt(100);
            case 4 -> scene.write.address() - random.nextInt(2 * WINDOW);
            default -> scene.write.address() + random.nextInt(WINDOW / 2);
        };
    }
}
