/**
 * Something between host and controller on loopback sockets that knows where PDUs begin and end, and lets go wrong what a script says:
 * cuts, delays, silence, half-closed connections, damaged bytes, bytes one at a time. Nothing here uses a class of the transport.
 */
@NullMarked
package io.nvmf.tcp.testing.proxy;

import org.jspecify.annotations.NullMarked;
