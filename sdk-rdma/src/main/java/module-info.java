/**
 * NVMe over RDMA for host and controller, the contract of those who provide RDMA, and a provider in software.
 *
 * @provides io.nvmf.transport.TransportProvider NVMe over RDMA
 * @uses io.nvmf.rdma.spi.RdmaProvider what moves the bytes
 * @provides io.nvmf.rdma.spi.RdmaProvider iWARP in software
 */
module io.nvmf.rdma {
    requires transitive io.nvmf;
    requires transitive io.netty.transport;
    requires transitive reactor.netty.core;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static org.jspecify;

    // Of Reactor Netty, which has no descriptor to ask for them.
    requires io.netty.handler;
    requires io.netty.handler.proxy;
    requires io.netty.resolver;
    requires io.netty.resolver.dns;

    exports io.nvmf.rdma;
    exports io.nvmf.rdma.iwarp;
    exports io.nvmf.rdma.spi;

    uses io.nvmf.rdma.spi.RdmaProvider;

    provides io.nvmf.rdma.spi.RdmaProvider with
            io.nvmf.rdma.iwarp.IwarpProvider;
    provides io.nvmf.transport.TransportProvider with
            io.nvmf.rdma.RdmaTransportProvider;
}
