package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What options change on the wire changes nothing above: data goes both ways, in every way. */
class IwarpVariantsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final RdmaLimits LIMITS = new RdmaLimits(64, 64, 16_384, 8, 8);

    private final IwarpProvider provider = new IwarpProvider();

    /** One end, called from the test. */
    private static final class End implements RdmaReceiver {

        final RdmaConnection connection;
        /** Not one that blocks, because an event loop adds. */
        final Queue<byte[]> messages = new ConcurrentLinkedQueue<>();

        final CompletableFuture<RdmaEnd> end = new CompletableFuture<>();

        End(RdmaConnection connection) {
            this.connection = connection;
            call(() -> {
                connection.receiver(this);
                return true;
            });
        }

        <T> T call(Supplier<T> task) {
            return CompletableFuture.supplyAsync(task, connection.executor())
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }

        @Override
        public void received(ByteBuf message, int invalidated) {
            byte[] bytes = new byte[message.readableBytes()];
            message.readBytes(bytes).release();
            messages.add(bytes);
        }

        @Override
        public void writableChanged() {}

        @Override
        public void ended(RdmaEnd how) {
            end.complete(how);
        }

        byte[] next() {
            return Awaitility.await().atMost(PATIENCE).until(messages::poll, Objects::nonNull);
        }
    }

    static Stream<TransportOptions> options() {
        TransportOptions none = TransportOptions.none();
        return Stream.of(
                none.with(IwarpOptions.CRC, true).with(IwarpOptions.MULPDU, 1442),
                none.with(IwarpOptions.CRC, false).with(IwarpOptions.MULPDU, 1442),
                none.with(IwarpOptions.CRC, true).with(IwarpOptions.MULPDU, 64_768),
                none.with(IwarpOptions.CRC, false).with(IwarpOptions.MULPDU, 64_768),
                none.with(IwarpOptions.CRC, true).with(IwarpOptions.MULPDU, 131),
                none.with(IwarpOptions.PEER_TO_PEER, true),
                none.with(IwarpOptions.START_PAUSE, Duration.ZERO).with(IwarpOptions.START_NUDGE, Duration.ZERO),
                none.with(IwarpOptions.START_PAUSE, Duration.ZERO)
                        .with(IwarpOptions.START_NUDGE, Duration.ofMillis(1)));
    }

    @ParameterizedTest
    @MethodSource("options")
    void dataGoesBothWays(TransportOptions options) {
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener = provider.listen(
                        TransportAddress.of("127.0.0.1", 0),
                        options,
                        incoming ->
                                incoming.accept(ByteBuffer.allocate(0), LIMITS).subscribe(accepted::complete))
                .block(PATIENCE);
        End host = new End(provider.connect(
                        new RdmaConnectRequest(listener.address(), PATIENCE, ByteBuffer.allocate(0), LIMITS, options))
                .block(PATIENCE));
        End controller = new End(accepted.orTimeout(30, TimeUnit.SECONDS).join());
        assertThat(controller.connection.agreement()).isEqualTo(host.connection.agreement());
        for (int length : new int[] {1, 117, 4096, 1 << 20}) {
            exchange(host, controller, length);
            exchange(controller, host, length);
        }
        assertThat(completesWithinACall(host)).isFalse();
        assertThat(controller.next()).containsExactly(9);
        host.connection.close().block(PATIENCE);
        assertThat(controller.end.orTimeout(30, TimeUnit.SECONDS).join())
                .isEqualTo(new RdmaEnd.Closed(RdmaEnd.Side.REMOTE));
        controller.connection.close().block(PATIENCE);
        listener.close().block(PATIENCE);
    }

    /** What the socket has taken within the call is told later. */
    private static boolean completesWithinACall(End end) {
        CompletableFuture<@Nullable RdmaException> sent = new CompletableFuture<>();
        boolean within = end.call(() -> {
            end.connection.send(Unpooled.wrappedBuffer(new byte[] {9}), null, 0, sent::complete);
            end.connection.flush();
            return sent.isDone();
        });
        assertThat(sent.orTimeout(30, TimeUnit.SECONDS).join()).isNull();
        return within;
    }

    /** A message with memory of its sender, which the other end reads, changes and writes back. */
    private static void exchange(End owner, End peer, int length) {
        byte[] data = TestFpdu.pattern(length, 1);
        ByteBuf memory = Unpooled.wrappedBuffer(data.clone());
        RdmaWindow readable = owner.call(() -> owner.connection.expose(memory, 0, length, RdmaAccess.REMOTE_READ));
        RdmaWindow writable = owner.call(() -> owner.connection.expose(memory, 0, length, RdmaAccess.REMOTE_WRITE));
        send(owner, new byte[] {1, 2, 3}, 0);
        assertThat(peer.next()).containsExactly(1, 2, 3);

        ByteBuf copy = Unpooled.directBuffer(length);
        CompletableFuture<@Nullable RdmaException> read = new CompletableFuture<>();
        peer.call(() -> {
            peer.connection.read(copy, 0, length, readable.address(), readable.key(), read::complete);
            return true;
        });
        assertThat(read.orTimeout(30, TimeUnit.SECONDS).join())
                .as(() -> "ends: " + owner.end.getNow(null) + ", " + peer.end.getNow(null))
                .isNull();
        byte[] got = new byte[length];
        copy.getBytes(0, got);
        copy.release();
        assertThat(got).isEqualTo(data);

        byte[] changed = TestFpdu.pattern(length, 77);
        peer.call(() -> {
            peer.connection.write(Unpooled.wrappedBuffer(changed), writable.address(), writable.key(), failure -> {});
            return true;
        });
        send(peer, TestFpdu.pattern(Math.min(length, 16_384), 5), writable.key());
        assertThat(owner.next()).isEqualTo(TestFpdu.pattern(Math.min(length, 16_384), 5));
        assertThat(memory.array()).isEqualTo(changed);
        assertThat(writable.isOpen()).isFalse();
        assertThat(owner.<Boolean>call(readable::close)).isTrue();
        assertThat(memory.release()).isTrue();
    }

    private static void send(End from, byte[] bytes, int invalidate) {
        CompletableFuture<@Nullable RdmaException> sent = new CompletableFuture<>();
        from.call(() -> {
            int split = Math.min(bytes.length - 1, 64);
            from.connection.send(
                    Unpooled.wrappedBuffer(bytes, 0, bytes.length - split),
                    split == 0 ? null : Unpooled.wrappedBuffer(bytes, bytes.length - split, split),
                    invalidate,
                    sent::complete);
            return true;
        });
        assertThat(sent.orTimeout(30, TimeUnit.SECONDS).join()).isNull();
    }
}
