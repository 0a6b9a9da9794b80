/**
 * The host's queues: command slots, the commands that wait for one, deadlines, Aborts, and streams of commands.
 * {@link io.nvmf.host.queue.HostQueue} is where to begin. Internal: applications use {@code io.nvmf}. This package
 * knows queue pairs and what commands mean, but no socket.
 */
@NullMarked
package io.nvmf.host.queue;

import org.jspecify.annotations.NullMarked;
