/**
 * The queue-pair contract between transports below and hosts and controllers above: queue pairs, capsules, data
 * transfers and how a connection ends. Transport authors implement {@link io.nvmf.transport.TransportProvider} and the
 * two queue-pair interfaces, and prove the result with the transport test kit. Nothing here knows what a command means
 * beyond its 64-byte submission queue entry and its 16-byte completion queue entry.
 */
@NullMarked
package io.nvmf.transport;

import org.jspecify.annotations.NullMarked;
