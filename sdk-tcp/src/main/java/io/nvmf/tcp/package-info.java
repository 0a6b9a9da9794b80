/**
 * NVMe over TCP, both roles: the provider, its options, and the machinery that turns queue pairs into PDUs and back.
 * Reactor Netty connects, listens and closes; from there on one channel handler per connection, confined to its event
 * loop, reads and writes. Only {@link io.nvmf.tcp.TcpTransportProvider} and {@link io.nvmf.tcp.TcpOptions} are for
 * users.
 */
@NullMarked
package io.nvmf.tcp;

import org.jspecify.annotations.NullMarked;
