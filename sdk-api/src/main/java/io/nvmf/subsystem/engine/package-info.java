/**
 * The embedded controllers behind {@code io.nvmf.NvmeTarget}, internal: controllers, their queues, and the commands
 * they answer. They work on {@link io.nvmf.transport.ControllerQueuePair} alone and know no socket. Whatever belongs to
 * a queue stays on that queue's event loop, whatever belongs to a controller on the event loop of its admin queue.
 */
@NullMarked
package io.nvmf.subsystem.engine;

import org.jspecify.annotations.NullMarked;
