/**
 * NVMe over TCP, both roles. Only {@link io.nvmf.tcp.TcpTransportProvider}, {@link io.nvmf.tcp.TcpOptions} and
 * {@link io.nvmf.tcp.BusyPollingLoops} are for users.
 *
 * <p>Reactor Netty connects, listens and closes. From there on each connection has one channel handler, which is
 * confined to its event loop: {@code TcpConnection}. It reads with {@code PduReader}, writes with {@code PduWriter},
 * and leaves the rest to {@code HostProtocol} or {@code ControllerProtocol}. The queue pairs are what users of the
 * transport see of that. The messages themselves are in the package {@code pdu}.
 */
@NullMarked
package io.nvmf.tcp;

import org.jspecify.annotations.NullMarked;
