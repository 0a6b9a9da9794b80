package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.nvmf.transport.TransportOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How large the segments are that a connection sends. */
final class SegmentSize {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentSize.class);

    private SegmentSize() {}

    /** As the options say, or as TCP says, where it can be asked. */
    static int ulpdu(Channel channel, TransportOptions options) {
        Integer given = options.get(IwarpOptions.MULPDU);
        return given != null ? given : Fpdu.ulpdu(tcpSegment(channel));
    }

    private static int tcpSegment(Channel channel) {
        if (!(channel instanceof EpollSocketChannel epoll)) {
            return 0;
        }
        try {
            return (int) epoll.tcpInfo().sndMss();
        } catch (RuntimeException refused) {
            LOG.debug("{}: the segment size of TCP is not known", channel, refused);
            return 0;
        }
    }
}
