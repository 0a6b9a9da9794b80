package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator.MaxMessageHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;

class ReceiveBuffersTest {

    private static final int LARGE = 100_000;

    /** A socket that has some bytes to read at a time. */
    private static final class Socket {

        private final EmbeddedPair pair;
        private final int available;
        private final MaxMessageHandle handle;

        /** Bytes that were read into where they belong. */
        private int inPlace;

        private int largestOther;

        Socket(EmbeddedPair pair, PduReader reader, int available) {
            this.pair = pair;
            this.available = available;
            this.handle = new ReceiveBuffers(reader).newHandle();
        }

        void deliver(TestPdu... pdus) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            Arrays.stream(pdus).map(TestPdu::bytes).forEach(stream::writeBytes);
            deliver(stream.toByteArray());
        }

        void deliver(byte[] bytes) {
            for (int at = 0; at < bytes.length && pair.channel.isOpen(); ) {
                int ready = Math.min(bytes.length, at + available);
                handle.reset(pair.channel.config());
                do {
                    ByteBuf buffer = handle.allocate(pair.channel.alloc());
                    boolean lending = buffer.unwrap() != null && buffer.capacity() > ReceiveBuffers.MOST / 8;
                    handle.attemptedBytesRead(buffer.writableBytes());
                    int n = Math.min(buffer.writableBytes(), ready - at);
                    handle.lastBytesRead(n);
                    if (n == 0) {
                        buffer.release();
                        break;
                    }
                    if (lending) {
                        inPlace += n;
                    } else {
                        largestOther = Math.max(largestOther, buffer.capacity());
                    }
                    buffer.writeBytes(bytes, at, n);
                    at += n;
                    pair.channel.writeOneInbound(buffer);
                } while (at < ready);
                handle.readComplete();
                pair.channel.flushInbound();
            }
            pair.channel.runPendingTasks();
        }
    }

    static Stream<Arguments> waysToArrive() {
        return Stream.of(1000, 3001, 20_000, 1 << 20)
                .flatMap(available ->
                        Stream.of(Agreed.PLAIN, Agreed.DIGESTS).map(agreed -> Arguments.of(available, agreed)));
    }

    @ParameterizedTest
    @MethodSource("waysToArrive")
    void largeDataIsReadIntoItsDestination(int available, Agreed agreed) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED)) {
            Capsule first = host.reading(1, LARGE);
            Capsule second = host.reading(2, LARGE);
            byte[] data = EmbeddedPair.pattern(2 * LARGE);
            byte[] rest = Arrays.copyOfRange(data, LARGE, 2 * LARGE);
            Socket socket = new Socket(host, host.queuePair.connection().reader, available);

            socket.deliver(
                    agreed.toHost(TestPdu.c2hData(1, 0, Arrays.copyOf(data, LARGE), TestPdu.LAST)),
                    agreed.toHost(TestPdu.capsuleResp(1, 0)),
                    agreed.toHost(TestPdu.c2hData(2, 0, Arrays.copyOf(rest, 60_000), 0)),
                    agreed.toHost(TestPdu.c2hData(2, 60_000, Arrays.copyOfRange(rest, 60_000, LARGE), TestPdu.LAST)),
                    agreed.toHost(TestPdu.capsuleResp(2, 0)));

            assertThat(host.end()).isNull();
            assertThat(first.received).isEqualTo(Arrays.copyOf(data, LARGE));
            assertThat(second.received).isEqualTo(rest);
            assertThat(first.error).isNull();
            assertThat(host.responses).hasSize(2).allMatch(response -> response.isSuccess());
            // Of each PDU what came with its header, and an end that is not worth a read of its own.
            int elsewhere = 3 * (ReceiveBuffers.LEAST + PduReader.LEAST_LENT);
            assertThat(socket.inPlace).isGreaterThan(2 * LARGE - elsewhere);
            assertThat(socket.largestOther).isLessThanOrEqualTo(2 * ReceiveBuffers.LEAST);
        }
    }

    @ParameterizedTest
    @MethodSource("waysToArrive")
    void largeDataOfAHostIsReadIntoItsDestination(int available, Agreed small) {
        Agreed agreed = new Agreed(small.headerDigest(), small.dataDigest(), 4, 4, 0, 1 << 20);
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED)) {
            ReceivedCommand command = controller.command(0x01, 1, LARGE);
            byte[] data = EmbeddedPair.pattern(LARGE);
            List<byte[]> arrived = new ArrayList<>();
            command.receive(0, LARGE).subscribe(bytes -> {
                arrived.add(ByteBufUtil.getBytes(bytes));
                bytes.release();
            });
            controller.sent();
            Socket socket = new Socket(controller, controller.queuePair.connection().reader, available);

            socket.deliver(agreed.toController(TestPdu.h2cData(1, 1, 0, data, TestPdu.LAST)));

            assertThat(controller.end()).isNull();
            assertThat(arrived).singleElement().isEqualTo(data);
            assertThat(socket.inPlace).isGreaterThan(LARGE - ReceiveBuffers.LEAST - PduReader.LEAST_LENT);
        }
    }

    @Test
    void damageIsNoticedInDataThatWasReadIntoItsDestination() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, Fragmentation.COALESCED)) {
            Capsule read = host.reading(1, LARGE);
            TestPdu pdu = Agreed.DIGESTS.toHost(TestPdu.c2hData(1, 0, EmbeddedPair.pattern(LARGE), TestPdu.LAST));
            byte[] bytes = pdu.bytes();
            bytes[50_000] ^= 1;
            Socket socket = new Socket(host, host.queuePair.connection().reader, 20_000);

            socket.deliver(bytes);

            assertThat(socket.inPlace).isPositive();
            assertThat(read.error.kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            assertThat(host.end()).isNull();
        }
    }

    @Test
    void memoryOnTheHeapIsNotLent() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            Capsule read = new Capsule(0x02, 1);
            read.attachData(CommandCapsule.Transfer.RECEIVE, Unpooled.buffer(LARGE, LARGE), LARGE);
            host.submit(read);
            host.sent();
            byte[] data = EmbeddedPair.pattern(LARGE);
            Socket socket = new Socket(host, host.queuePair.connection().reader, 20_000);

            socket.deliver(TestPdu.c2hData(1, 0, data, TestPdu.LAST));

            assertThat(read.received).isEqualTo(data);
            assertThat(socket.inPlace).isZero();
        }
    }

    @Test
    void memoryIsNotLentAnyMoreWhenNobodyWaitsForItsData() {
        Agreed agreed = new Agreed(false, false, 4, 4, 0, 1 << 20);
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED)) {
            ReceivedCommand command = controller.command(0x01, 1, LARGE);
            Disposable receiving = command.receive(0, LARGE).subscribe(ByteBuf::release);
            controller.sent();
            byte[] pdu = TestPdu.h2cData(1, 1, 0, EmbeddedPair.pattern(LARGE), TestPdu.LAST)
                    .bytes();
            Socket socket = new Socket(controller, controller.queuePair.connection().reader, 20_000);
            socket.deliver(Arrays.copyOf(pdu, 40_000));
            int before = socket.inPlace;
            assertThat(before).isPositive();

            controller.run(receiving::dispose);
            socket.deliver(Arrays.copyOfRange(pdu, 40_000, pdu.length));

            assertThat(socket.inPlace).isEqualTo(before);
            assertThat(controller.end()).isNull();
        }
    }

    @Test
    void buffersFollowTheTrafficWithinBounds() {
        EmbeddedChannel channel = new EmbeddedChannel();
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            MaxMessageHandle handle = new ReceiveBuffers(host.queuePair.connection().reader).newHandle();
            assertThat(sizeAfter(handle, channel, 0, 0)).isEqualTo(ReceiveBuffers.LEAST);

            int grown = sizeAfter(handle, channel, 10, Integer.MAX_VALUE);
            assertThat(grown).isEqualTo(ReceiveBuffers.MOST);

            assertThat(sizeAfter(handle, channel, 1, 100))
                    .describedAs("one pause")
                    .isEqualTo(grown);
            assertThat(sizeAfter(handle, channel, 1, 100)).isLessThan(grown);
            assertThat(sizeAfter(handle, channel, 20, 100)).isEqualTo(ReceiveBuffers.LEAST);
        } finally {
            channel.close();
        }
    }

    /** Size of the next buffer when some reads have brought that much, or what there was room for. */
    private static int sizeAfter(MaxMessageHandle handle, EmbeddedChannel channel, int reads, int bytes) {
        ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        for (int i = 0; i < reads; i++) {
            handle.reset(channel.config());
            ByteBuf buffer = handle.allocate(allocator);
            handle.attemptedBytesRead(buffer.writableBytes());
            handle.lastBytesRead(Math.min(bytes, buffer.writableBytes()));
            buffer.release();
            handle.readComplete();
        }
        handle.reset(channel.config());
        ByteBuf next = handle.allocate(allocator);
        try {
            return next.capacity();
        } finally {
            next.release();
        }
    }
}
