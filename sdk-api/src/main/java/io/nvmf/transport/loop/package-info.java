/**
 * A transport within one JVM: hosts and controllers exchange capsules and data through memory, without sockets and
 * without digests. It keeps every promise of the queue-pair contract, limits included, so that layers above can be
 * tested on it at memory speed and, with executors of the test's own, turn by turn.
 * {@link io.nvmf.transport.loop.LoopConnection} breaks connections on purpose.
 */
@NullMarked
package io.nvmf.transport.loop;

import org.jspecify.annotations.NullMarked;
