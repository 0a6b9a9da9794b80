package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator.MaxMessageHandle;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.capture.CaptureHandler;
import io.nvmf.tcp.capture.CaptureReader;
import io.nvmf.tcp.capture.CaptureSettings;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers between the socket and a queue pair: what they get to read into is never the memory of a command. */
class HandlerInFrontTest {

    private static final int LARGE = 100_000;
    private static final int KEY = 0x5A;

    /** What stands in front, and what the socket has to bring for it. */
    enum Kind {
        /** Like TLS: other bytes come than are passed on, and they are changed where they lie. */
        DECRYPTS(KEY),
        /** Like a decoder: passes a buffer on when the next one is there. */
        KEEPS(0),
        /** Like a wiretap or a meter: passes everything on at once, and looks at it later. */
        WATCHES(0);

        final int key;

        Kind(int key) {
            this.key = key;
        }

        ChannelHandler handler() {
            return switch (this) {
                case DECRYPTS -> new Decrypting();
                case KEEPS -> new Keeping();
                case WATCHES -> new Watching();
            };
        }
    }

    private static final class Decrypting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            bytes.setBytes(bytes.readerIndex(), exclusiveOr(ByteBufUtil.getBytes(bytes), KEY));
            context.fireChannelRead(bytes);
        }
    }

    private static final class Keeping extends ChannelInboundHandlerAdapter {

        private final ArrayDeque<Object> kept = new ArrayDeque<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            kept.add(message);
            if (kept.size() > 1) {
                context.fireChannelRead(kept.poll());
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            kept.forEach(context::fireChannelRead);
            kept.clear();
        }
    }

    private static final class Watching extends ChannelInboundHandlerAdapter {

        private final List<ByteBuf> seen = new ArrayList<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            seen.add(((ByteBuf) message).retainedDuplicate());
            context.fireChannelRead(message);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            seen.forEach(ByteBuf::release);
        }
    }

    /** Reads a byte stream as a channel does, and says how much of it went into the memory of a command. */
    private static final class Socket {

        private final EmbeddedPair pair;
        private final MaxMessageHandle handle;
        private final int available;

        int inPlace;
        int largest;

        Socket(EmbeddedPair pair, PduReader reader, int available) {
            this.pair = pair;
            this.handle = new ReceiveBuffers(reader).newHandle();
            this.available = available;
        }

        void deliver(byte[] bytes, int key) {
            for (int at = 0; at < bytes.length; ) {
                handle.reset(pair.channel.config());
                ByteBuf buffer = handle.allocate(pair.channel.alloc());
                // A slice of a command's memory cannot grow.
                boolean lent = buffer.maxCapacity() < Integer.MAX_VALUE;
                int n = Math.min(Math.min(buffer.writableBytes(), available), bytes.length - at);
                handle.attemptedBytesRead(buffer.writableBytes());
                handle.lastBytesRead(n);
                largest = Math.max(largest, buffer.capacity());
                inPlace += lent ? n : 0;
                buffer.writeBytes(exclusiveOr(Arrays.copyOfRange(bytes, at, at + n), key));
                at += n;
                pair.channel.writeOneInbound(buffer);
                handle.readComplete();
                pair.channel.flushInbound();
            }
            pair.channel.runPendingTasks();
        }
    }

    private static byte[] exclusiveOr(byte[] bytes, int key) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= (byte) key;
        }
        return bytes;
    }

    static Stream<Arguments> cases() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Stream.of(Agreed.PLAIN, Agreed.DIGESTS)
                        .flatMap(agreed -> Stream.of(1000, 20_000, 1 << 20)
                                .map(available -> Arguments.of(
                                        kind,
                                        new Agreed(agreed.headerDigest(), agreed.dataDigest(), 4, 4, 0, 1 << 20),
                                        available))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataOfAControllerIsNotReadIntoADestinationBehindAHandler(Kind kind, Agreed agreed, int available) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED)) {
            host.channel.pipeline().addFirst("front", kind.handler());
            ByteBuf destination = EmbeddedPair.buffer(new byte[LARGE]).clear();
            ByteBuf view = destination.retainedDuplicate().setIndex(0, LARGE);
            Capsule read = new Capsule(0x02, 1);
            read.attachData(CommandCapsule.Transfer.RECEIVE, destination, LARGE);
            host.submit(read);
            host.sent();
            byte[] data = EmbeddedPair.pattern(LARGE);
            byte[] pdu =
                    agreed.toHost(TestPdu.c2hData(1, 0, data, TestPdu.LAST)).bytes();
            byte[] response = agreed.toHost(TestPdu.capsuleResp(1, 0)).bytes();
            Socket socket = new Socket(host, host.queuePair.connection().reader, available);

            // At no time there is anything in the destination but the data, as far as it has come, and what was there
            // before.
            for (int at = 0; at < pdu.length; at += 10_000) {
                socket.deliver(Arrays.copyOfRange(pdu, at, Math.min(pdu.length, at + 10_000)), kind.key);
                byte[] now = ByteBufUtil.getBytes(view);
                int same = Arrays.mismatch(now, data);
                if (same >= 0) {
                    assertThat(Arrays.copyOfRange(now, same, LARGE)).containsOnly(0);
                }
            }
            socket.deliver(response, kind.key);
            host.channel.pipeline().remove("front");

            assertThat(host.end()).isNull();
            assertThat(read.error).isNull();
            assertThat(read.received).isEqualTo(data);
            assertThat(host.responses).hasSize(1);
            assertThat(socket.inPlace).isZero();
            view.release();
        }
    }

    @Test
    void whatCapturesOnlyLooksSoDataIsReadWhereItBelongs(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("a.pcapng");
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            host.channel
                    .pipeline()
                    .addFirst("front", new CaptureHandler(new CaptureSettings(file, 1 << 20, 1, LARGE), true));
            Capsule read = host.reading(1, LARGE);
            byte[] data = EmbeddedPair.pattern(LARGE);
            Socket socket = new Socket(host, host.queuePair.connection().reader, 20_000);

            socket.deliver(TestPdu.c2hData(1, 0, data, TestPdu.LAST).bytes(), 0);
            socket.deliver(TestPdu.capsuleResp(1, 0).bytes(), 0);

            assertThat(host.end()).isNull();
            assertThat(read.received).isEqualTo(data);
            assertThat(socket.inPlace).isGreaterThan(LARGE / 2);
        }

        CaptureReader.awaitFile(() -> assertThat(CaptureReader.packets(file))
                .extracting(CaptureReader.Packet::pduType)
                // The handshake of TCP, a command, data, an answer, the end.
                .containsExactly(-1, -1, -1, 4, 7, 5, -1));
        assertThat(CaptureReader.packets(file).get(4).payload()).hasSize(24 + LARGE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataOfAHostIsNotReadIntoItsHomeBehindAHandler(Kind kind, Agreed agreed, int available) {
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED)) {
            ReceivedCommand command = controller.command(0x01, 1, LARGE);
            List<byte[]> arrived = new ArrayList<>();
            command.receive(0, LARGE).subscribe(bytes -> {
                arrived.add(ByteBufUtil.getBytes(bytes));
                bytes.release();
            });
            controller.sent();
            controller.channel.pipeline().addFirst("front", kind.handler());
            byte[] data = EmbeddedPair.pattern(LARGE);
            Socket socket = new Socket(controller, controller.queuePair.connection().reader, available);

            socket.deliver(
                    agreed.toController(TestPdu.h2cData(1, 1, 0, data, TestPdu.LAST))
                            .bytes(),
                    kind.key);
            controller.channel.pipeline().remove("front");

            assertThat(controller.end()).isNull();
            assertThat(arrived).singleElement().isEqualTo(data);
            assertThat(socket.inPlace).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inCapsuleDataIsNotReadIntoItsHomeBehindAHandler(Kind kind, Agreed agreed, int available) {
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED)) {
            controller.queuePair.configure(new ControllerQueuePairParameters(false, 32, false, LARGE));
            controller.channel.pipeline().addFirst("front", kind.handler());
            byte[] data = EmbeddedPair.pattern(LARGE);
            Socket socket = new Socket(controller, controller.queuePair.connection().reader, available);

            socket.deliver(
                    agreed.toController(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(data))
                            .bytes(),
                    kind.key);
            controller.channel.pipeline().remove("front");

            assertThat(controller.end()).isNull();
            ByteBuf received = controller.commands.get(0).receive(0, LARGE).block();
            assertThat(ByteBufUtil.getBytes(received)).isEqualTo(data);
            received.release();
            assertThat(socket.inPlace).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHandlerThatIsThereBeforeTheHandshakeIsNoticedByAHost(boolean digests) {
        Agreed agreed = digests ? Agreed.DIGESTS : Agreed.PLAIN;
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED, 8192)) {
            host.channel.pipeline().addFirst("front", new Decrypting());
            host.start();
            host.sent();
            Socket socket = new Socket(host, host.queuePair.connection().reader, 20_000);
            socket.deliver(agreed.icResp().bytes(), KEY);
            host.queuePair.responses().subscribe(host.responses::add);
            Capsule read = host.reading(1, LARGE);
            byte[] data = EmbeddedPair.pattern(LARGE);

            socket.deliver(
                    agreed.toHost(TestPdu.c2hData(1, 0, data, TestPdu.LAST)).bytes(), KEY);

            assertThat(socket.inPlace).isZero();
            assertThat(read.error).isNull();
            assertThat(read.received).isEqualTo(data);
            assertThat(host.end()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHandlerThatIsThereBeforeTheHandshakeIsNoticedByAController(boolean digests) {
        Agreed agreed = new Agreed(digests, digests, 4, 4, 0, 1 << 20);
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED, true)) {
            controller.channel.pipeline().addFirst("front", new Decrypting());
            controller.start();
            Socket socket = new Socket(controller, controller.queuePair.connection().reader, 20_000);
            socket.deliver(agreed.icReq().bytes(), KEY);
            socket.deliver(
                    agreed.toController(TestPdu.capsuleCmd(0x01, 1, LARGE)).bytes(), KEY);
            List<byte[]> arrived = new ArrayList<>();
            controller.commands.get(0).receive(0, LARGE).subscribe(bytes -> {
                arrived.add(ByteBufUtil.getBytes(bytes));
                bytes.release();
            });
            controller.sent();
            byte[] data = EmbeddedPair.pattern(LARGE);

            socket.deliver(
                    agreed.toController(TestPdu.h2cData(1, 1, 0, data, TestPdu.LAST))
                            .bytes(),
                    KEY);

            assertThat(socket.inPlace).isZero();
            assertThat(arrived).singleElement().isEqualTo(data);
            assertThat(controller.end()).isNull();
        }
    }

    @Test
    void handlersThatComeAndGoInTheMiddleOfAPduAreNoticed() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            Capsule read = host.reading(1, 3 * LARGE);
            byte[] data = EmbeddedPair.pattern(3 * LARGE);
            byte[] pdu = TestPdu.c2hData(1, 0, data, TestPdu.LAST).bytes();
            Socket socket = new Socket(host, host.queuePair.connection().reader, 20_000);
            socket.deliver(Arrays.copyOf(pdu, LARGE), 0);
            int before = socket.inPlace;
            assertThat(before).isGreaterThan(LARGE / 2);

            host.channel.pipeline().addFirst("front", new Decrypting());
            socket.deliver(Arrays.copyOfRange(pdu, LARGE, 2 * LARGE), KEY);
            assertThat(socket.inPlace).isEqualTo(before);

            host.channel.pipeline().remove("front");
            socket.deliver(Arrays.copyOfRange(pdu, 2 * LARGE, pdu.length), 0);

            assertThat(socket.inPlace).isGreaterThan(before + LARGE / 2);
            assertThat(host.end()).isNull();
            assertThat(read.received).isEqualTo(data);
        }
    }

    @Test
    void damageIsStillNoticedBehindAHandler() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, Fragmentation.COALESCED)) {
            Capsule read = host.reading(1, LARGE);
            host.channel.pipeline().addFirst("front", new Decrypting());
            byte[] pdu = Agreed.DIGESTS
                    .toHost(TestPdu.c2hData(1, 0, EmbeddedPair.pattern(LARGE), TestPdu.LAST))
                    .bytes();
            pdu[50_000] ^= 1;

            new Socket(host, host.queuePair.connection().reader, 20_000).deliver(pdu, KEY);

            assertThat(read.error.kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            assertThat(host.end()).isNull();
        }
    }

    @Test
    void receiveBuffersFollowTheTrafficBehindAHandlerAlsoWhileBulkDataComes() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            host.reading(1, 3 * LARGE);
            host.channel.pipeline().addFirst("front", new Decrypting());
            byte[] pdu = TestPdu.c2hData(1, 0, EmbeddedPair.pattern(3 * LARGE), TestPdu.LAST)
                    .bytes();
            Socket socket = new Socket(host, host.queuePair.connection().reader, 1 << 20);

            socket.deliver(pdu, KEY);

            assertThat(socket.largest).isEqualTo(ReceiveBuffers.MOST);
            assertThat(host.end()).isNull();
        }
    }
}
