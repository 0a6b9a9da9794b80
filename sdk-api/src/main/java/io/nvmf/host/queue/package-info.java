/**
 * The host's queues: command slots, the commands that wait for one, deadlines, aborts, and streams of commands. Internal; the
 * face in {@code io.nvmf} is what applications use. It knows queue pairs and what commands mean, but no socket.
 */
@NullMarked
package io.nvmf.host.queue;

import org.jspecify.annotations.NullMarked;
