package io.nvmf.tcp.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;

/** New keys in the middle of a connection, for tests of what stands behind TLS. */
public final class KeyUpdates {

    private KeyUpdates() {}

    /** Changes the keys of one side, or of both; on its event loop. */
    public static void make(ChannelPipeline pipeline, boolean both) {
        ChannelHandlerContext context = pipeline.context(TlsHandler.class);
        ((TlsHandler) context.handler()).updateKeys(context, both);
    }
}
