package io.nvmf.samples.webflux.server;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.nvmf.samples.webflux.GatewayProperties;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.reactive.ConfigurableReactiveWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import reactor.netty.NettyPipeline;

/** What differs from Spring Boot's HTTP server. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {

    /** Several chunks of a download, so that they leave together. With Netty's 64 KiB each one is flushed alone. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    /** With TLS, this much ciphertext waits for a client beside the plaintext that is counted: enough for two chunks. */
    private static final WriteBufferWaterMark TLS_WATER_MARK = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    @Bean
    NettyServerCustomizer connections(GatewayProperties properties) {
        return server -> server.childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT) // as the SDK: one pool, not two
                .doOnChannelInit((observer, channel, remote) -> {
                    ChannelPipeline pipeline = channel.pipeline();
                    if (pipeline.get(NettyPipeline.SslHandler) != null) {
                        channel.config().setWriteBufferWaterMark(TLS_WATER_MARK);
                        pipeline.addBefore(NettyPipeline.HttpCodec, "plaintextGate", new PlaintextGate());
                    }
                    pipeline.addFirst("stalledConnection", new StalledConnection(properties.idleTimeout()));
                });
    }

    @Bean
    WebServerFactoryCustomizer<ConfigurableReactiveWebServerFactory> address(
            GatewayProperties properties, Environment environment) {
        return new LoopbackOnly(properties.insecure(), environment.getProperty("server.address"));
    }

    /** Comes after what Spring Boot does about its properties. */
    private record LoopbackOnly(boolean enabled, @Nullable String address)
            implements WebServerFactoryCustomizer<ConfigurableReactiveWebServerFactory>, Ordered {

        @Override
        public int getOrder() {
            return LOWEST_PRECEDENCE;
        }

        @Override
        public void customize(ConfigurableReactiveWebServerFactory factory) {
            if (!enabled) {
                return;
            }
            if (address != null && !isLoopback(address)) {
                throw new IllegalStateException("gateway.insecure=true admits everybody without a password, so"
                        + " server.address cannot be " + address + "; leave it out, or set gateway.password");
            }
            factory.setAddress(InetAddress.getLoopbackAddress());
        }

        private static boolean isLoopback(String address) {
            try {
                return InetAddress.getByName(address).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }
    }
}
