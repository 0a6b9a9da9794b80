package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Handlers between a queue pair and the socket that keep what is sent, as encryption does: until they have passed it
 * on, and the socket has taken it, memory of a command is in use.
 */
class SentBehindAHandlerTest {

    private static final int LENGTH = 8000;
    private static final int KEY = 0x5A;

    /** When the handler comes into the pipeline. */
    enum When {
        BEFORE_THE_HANDSHAKE,
        ON_A_RUNNING_CONNECTION
    }

    /** Passes encrypted copies on, and keeps the originals while it is told to. */
    private static final class Encrypting extends ChannelOutboundHandlerAdapter {

        private record Write(ByteBuf bytes, ChannelPromise promise) {}

        private final ArrayDeque<Write> kept = new ArrayDeque<>();
        private boolean keeps;

        void keep() {
            keeps = true;
        }

        void passOn(EmbeddedPair pair) {
            keeps = false;
            ChannelHandlerContext context = pair.channel.pipeline().context(this);
            pair.run(() -> {
                Write next;
                while ((next = kept.poll()) != null) {
                    encrypt(context, next.bytes, next.promise);
                }
                context.flush();
            });
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (keeps) {
                kept.add(new Write((ByteBuf) message, promise));
            } else {
                encrypt(context, (ByteBuf) message, promise);
            }
        }

        private static void encrypt(ChannelHandlerContext context, ByteBuf plain, ChannelPromise promise) {
            byte[] bytes = exclusiveOr(ByteBufUtil.getBytes(plain));
            plain.release();
            context.write(
                    context.alloc().directBuffer(Math.max(1, bytes.length)).writeBytes(bytes), promise);
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            if (!keeps) {
                context.flush();
            }
        }
    }

    private static byte[] exclusiveOr(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= (byte) KEY;
        }
        return bytes;
    }

    static Stream<Arguments> cases() {
        return Arrays.stream(When.values())
                .flatMap(when -> Stream.of(Agreed.PLAIN, Agreed.DIGESTS).map(agreed -> Arguments.of(when, agreed)));
    }

    private static EmbeddedHost host(When when, Agreed agreed, Encrypting front) {
        if (when == When.ON_A_RUNNING_CONNECTION) {
            EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED);
            host.channel.pipeline().addFirst("front", front);
            return host;
        }
        EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED, 8192);
        host.channel.pipeline().addFirst("front", front);
        host.start();
        assertThat(plain(host)).isEqualTo(agreed.icReq().bytes());
        host.deliver(agreed.icResp());
        host.queuePair.responses().subscribe(host.responses::add);
        return host;
    }

    private static EmbeddedController controller(When when, Agreed agreed, Encrypting front) {
        if (when == When.ON_A_RUNNING_CONNECTION) {
            EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED);
            controller.channel.pipeline().addFirst("front", front);
            return controller;
        }
        EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED, true);
        controller.channel.pipeline().addFirst("front", front);
        controller.start();
        controller.deliver(agreed.icReq());
        assertThat(plain(controller)).isEqualTo(agreed.icResp().bytes());
        return controller;
    }

    private static byte[] plain(EmbeddedPair pair) {
        return exclusiveOr(pair.sent());
    }

    private static byte[] joined(List<TestPdu> pdus) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pdus.forEach(pdu -> all.writeBytes(pdu.bytes()));
        return all.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inCapsuleDataIsInUseUntilTheSocketHasIt(When when, Agreed agreed) {
        Encrypting front = new Encrypting();
        try (EmbeddedHost host = host(when, agreed, front)) {
            byte[] data = EmbeddedPair.pattern(LENGTH);
            Capsule write = Capsule.send(1, data.clone());
            front.keep();
            host.submit(write);
            assertThat(host.sent()).isEmpty();
            assertThat(write.isDone()).isFalse();

            host.channel.stall(true);
            front.passOn(host);
            assertThat(write.isDone()).isFalse();

            host.channel.stall(false);
            assertThat(plain(host))
                    .isEqualTo(
                            agreed.toController(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(data))
                                    .bytes());
            assertThat(write.bytes).isEqualTo(LENGTH);
            assertThat(write.error).isNull();
            assertThat(host.end()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataForAnR2tIsInUseUntilTheSocketHasItAlsoWhenTheResponseIsThere(When when, Agreed agreed) {
        Encrypting front = new Encrypting();
        try (EmbeddedHost host = host(when, agreed, front)) {
            byte[] data = EmbeddedPair.pattern(3 * LENGTH);
            Capsule write = Capsule.send(1, data.clone());
            host.submit(write);
            host.sent();
            front.keep();
            host.receive(TestPdu.r2t(1, 7, 0, 4000));
            host.receive(TestPdu.capsuleResp(1, 0));
            assertThat(host.responses).hasSize(1);
            assertThat(host.sent()).isEmpty();
            assertThat(write.isDone()).isFalse();

            front.passOn(host);

            assertThat(plain(host))
                    .isEqualTo(agreed.toController(TestPdu.h2cData(1, 7, 0, Arrays.copyOf(data, 4000), TestPdu.LAST))
                            .bytes());
            assertThat(write.bytes).isEqualTo(4000);
            assertThat(write.error).isNull();
            assertThat(host.end()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataOfAControllerCountsUntilTheSocketHasIt(When when, Agreed agreed) {
        Encrypting front = new Encrypting();
        try (EmbeddedController controller = controller(when, agreed, front)) {
            AtomicInteger left = new AtomicInteger();
            controller.queuePair.account(new SentAccount(left::addAndGet));
            ReceivedCommand command = controller.command(0x02, 1, LENGTH);
            byte[] data = EmbeddedPair.pattern(LENGTH);
            front.keep();
            controller.run(() -> assertThat(command.send(0, EmbeddedPair.buffer(data.clone())))
                    .isEqualTo(SendOutcome.COMPLETE));
            assertThat(controller.sent()).isEmpty();
            assertThat(left.get()).isZero();

            controller.channel.stall(true);
            front.passOn(controller);
            assertThat(left.get()).isZero();

            controller.channel.stall(false);
            assertThat(plain(controller))
                    .isEqualTo(joined(List.of(
                            agreed.toHost(TestPdu.c2hData(1, 0, Arrays.copyOf(data, 4096), 0)),
                            agreed.toHost(
                                    TestPdu.c2hData(1, 4096, Arrays.copyOfRange(data, 4096, LENGTH), TestPdu.LAST)))));
            assertThat(left.get()).isEqualTo(LENGTH);
            assertThat(controller.end()).isNull();
        }
    }
}
