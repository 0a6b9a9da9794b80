package io.nvmf.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.nvmf.tcp.capture.CaptureHandler;
import io.nvmf.tcp.capture.CaptureSettings;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.TransportOptions;
import java.nio.file.Path;
import reactor.netty.Connection;

/** Puts what captures in front of a connection, if its options say so. */
final class Capturing {

    private Capturing() {}

    /**
     * Captures a connection whose own handler is not in the pipeline yet.
     *
     * @param connection connected
     * @param queuePair what will live on it
     * @param options with a file, or without
     * @param host whether this side is the host, which has opened the connection
     */
    static void install(Connection connection, QueuePair queuePair, TransportOptions options, boolean host) {
        Path file = options.get(TcpOptions.CAPTURE);
        if (file == null) {
            return;
        }
        CaptureHandler handler = new CaptureHandler(
                new CaptureSettings(
                        file,
                        options.require(TcpOptions.CAPTURE_SIZE),
                        options.require(TcpOptions.CAPTURE_FILES),
                        options.require(TcpOptions.CAPTURE_DATA)),
                host);
        connection.addHandlerLast("nvme-capture", handler);
        EventLoopWatch.over(queuePair, handler::loopEnded);
    }

    /**
     * Whether nothing that keeps or changes bytes stands between the socket and a handler. What captures looks at them
     * only, and stands directly in front.
     */
    static boolean isNextToSocket(ChannelHandlerContext place) {
        ChannelHandlerContext first = place.pipeline().firstContext();
        return first == place || (first != null && first.handler() instanceof CaptureHandler);
    }
}
