/**
 * For authors of transports: what every transport does in the same way, once. Streams of received capsules, capsules
 * that wait to be converted, the description of a command's data, the signal that a connection takes data again, and the
 * addresses of sockets. Uses the contract in {@code io.nvmf.transport} and knows no transport.
 */
@NullMarked
package io.nvmf.transport.support;

import org.jspecify.annotations.NullMarked;
