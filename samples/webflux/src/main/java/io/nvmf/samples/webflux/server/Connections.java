package io.nvmf.samples.webflux.server;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;

/** The connection beneath a request, for what HTTP has no words for. */
public final class Connections {

    private static final AttributeKey<Boolean> READS_BODY = AttributeKey.valueOf(Connections.class, "readsBody");

    private Connections() {}

    /**
     * Closes the connection, and so tells the client that the answer has not come to its end.
     *
     * @param request of the client
     */
    public static void close(ServerHttpRequest request) {
        nativeRequest(request).withConnection(Connection::dispose);
    }

    /**
     * Says whether the body of a request is being read: then a client that sends nothing is not waited for.
     *
     * @param request of the client
     * @param reads true from the beginning to the end of an upload
     */
    public static void readsBody(ServerHttpRequest request, boolean reads) {
        nativeRequest(request)
                .withConnection(
                        connection -> connection.channel().attr(READS_BODY).set(reads));
    }

    static boolean isReadingBody(Channel channel) {
        return Boolean.TRUE.equals(channel.attr(READS_BODY).get())
                && channel.config().isAutoRead();
    }

    static boolean hasUnwritten(Channel channel) {
        return channel.bytesBeforeUnwritable() <= channel.config().getWriteBufferHighWaterMark();
    }

    private static HttpServerRequest nativeRequest(ServerHttpRequest request) {
        return ServerHttpRequestDecorator.getNativeRequest(request);
    }
}
