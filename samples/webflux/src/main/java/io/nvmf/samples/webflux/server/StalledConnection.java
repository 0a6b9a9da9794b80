package io.nvmf.samples.webflux.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that stands still because of its client: one that takes none of the bytes that wait for it, or
 * sends none of those that are waited for. A controller that is being waited for is nobody's fault: then nothing waits to
 * be written, and nothing is read.
 */
final class StalledConnection extends IdleStateHandler {

    StalledConnection(Duration limit) {
        // progress within one write counts
        super(true, limit.toMillis(), limit.toMillis(), 0, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
        boolean stalled = event.state() == IdleState.WRITER_IDLE
                ? Connections.hasUnwritten(context.channel())
                : Connections.isReadingBody(context.channel());
        if (stalled) {
            context.close();
        }
    }
}
