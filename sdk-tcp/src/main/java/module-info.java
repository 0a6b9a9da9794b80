/**
 * NVMe over TCP for host and controller, found by itself where it is on the module path.
 *
 * @provides io.nvmf.transport.TransportProvider NVMe over TCP
 */
module io.nvmf.tcp {
    requires transitive io.nvmf;
    requires transitive io.netty.transport;
    requires transitive reactor.netty.core;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static org.jspecify;

    // Only for TLS, and only where it is used.
    requires static org.bouncycastle.provider;
    requires static org.bouncycastle.tls;

    // Of Reactor Netty, which has no descriptor to ask for them.
    requires io.netty.handler;
    requires io.netty.handler.proxy;
    requires io.netty.resolver;
    requires io.netty.resolver.dns;

    exports io.nvmf.tcp;

    provides io.nvmf.transport.TransportProvider with
            io.nvmf.tcp.TcpTransportProvider;
}
