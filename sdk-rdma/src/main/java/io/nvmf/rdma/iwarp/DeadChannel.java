package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel whose event loop has ended and left it open, as an event loop does that is shut down within a turn, without a
 * quiet period. Nobody else touches it any more, so the socket is closed, for the peer to hear of it, and what was to be
 * sent is released. Where the descriptor cannot be had, as with NIO, the socket stays open.
 */
final class DeadChannel {

    private static final Logger LOG = LoggerFactory.getLogger(DeadChannel.class);

    private DeadChannel() {}

    static void close(Channel channel) {
        if (!channel.isOpen() || !(channel instanceof UnixChannel unix)) {
            return;
        }
        try {
            unix.fd().close();
        } catch (IOException e) {
            LOG.debug("{} cannot be closed", channel, e);
        }
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        if (unsent != null) {
            unsent.addFlush();
            ClosedChannelException cause = new ClosedChannelException();
            boolean more = true;
            while (more) {
                more = unsent.remove(cause);
            }
        }
    }
}
