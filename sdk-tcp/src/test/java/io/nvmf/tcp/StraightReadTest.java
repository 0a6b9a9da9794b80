package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.Epoll;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.transport.TransportOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;

/** Reads of a real socket, in one task of its event loop, which cannot ask epoll meanwhile. */
class StraightReadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicBoolean reading = new AtomicBoolean(true);
    private final AtomicReference<ExpectedInput> input = new AtomicReference<>();
    private BusyPollingLoops loops;
    private Socket peer;
    private Channel channel;

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(Epoll.isAvailable());
        loops = BusyPollingLoops.create("straight", 1);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Connection connection = TcpClient.newConnection()
                    .host("127.0.0.1")
                    .port(listener.getLocalPort())
                    .runOn(loops)
                    .connect()
                    .block(PATIENCE);
            peer = listener.accept();
            channel = connection.channel();
        }
        onLoop(() -> {
            ExpectedInput created = new ExpectedInput(channel, reading::get);
            created.poll(TransportOptions.none().with(TcpOptions.BUSY_POLL, Duration.ofNanos(1)));
            channel.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    created.arrived();
                    ReferenceCountUtil.release(message);
                }
            });
            input.set(created);
            return true;
        });
    }

    @AfterEach
    void close() throws Exception {
        if (channel != null) {
            channel.close().sync();
            peer.close();
        }
        if (loops != null) {
            loops.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
        }
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return channel.eventLoop().submit(task).get(30, TimeUnit.SECONDS);
    }

    @Test
    void findsWhatTheSocketHas() throws Exception {
        CountDownLatch looked = new CountDownLatch(1);
        Future<Boolean> found = channel.eventLoop().submit(() -> {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() - end < 0) {
                if (input.get().read()) {
                    return true;
                }
                looked.countDown();
            }
            return false;
        });
        assertThat(looked.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(found.isDone()).isFalse();
        peer.getOutputStream().write(1);
        assertThat(found.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void readsNothingWithoutDemand() throws Exception {
        reading.set(false);
        onLoop(() -> {
            // Without demand the channel does not read by itself, either.
            channel.config().setAutoRead(false);
            return true;
        });
        peer.getOutputStream().write(1);
        boolean found = onLoop(() -> {
            for (int i = 0; i < 1000; i++) {
                if (input.get().read()) {
                    return true;
                }
            }
            return false;
        });
        assertThat(found).isFalse();
    }
}
