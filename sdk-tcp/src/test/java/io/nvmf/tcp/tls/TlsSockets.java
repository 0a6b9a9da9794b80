package io.nvmf.tcp.tls;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nvmf.security.TlsPsk;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Connections of this side with programs, through sockets. */
final class TlsSockets implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    Channel connect(TlsSide side, int port, TlsPsk... offered) {
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(initializer(side, TlsHandler.client(List.of(offered), PATIENCE, side)))
                .connect("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    int listen(TlsSide side, TlsPsk... known) {
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(initializer(side, TlsHandler.server(Keys.finder(known), PATIENCE, side)))
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static ChannelInitializer<Channel> initializer(TlsSide side, TlsHandler tls) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(tls).addLast(side);
            }
        };
    }

    static void send(Channel channel, String text) {
        channel.writeAndFlush(channel.alloc().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
