/**
 * The embeddable controller behind {@code io.nvmf.NvmeTarget}: subsystems, controllers, queues, and the commands they answer.
 * It works on {@link io.nvmf.transport.ControllerQueuePair} alone and knows no socket; whatever belongs to a queue stays on that
 * queue's event loop, whatever belongs to a controller on the event loop of its admin queue. Public are the storage interface
 * {@link io.nvmf.target.BlockStore} with its base class {@link io.nvmf.target.DelegatingBlockStore}, and what configuring and
 * starting takes; everything else is internal.
 */
@NullMarked
package io.nvmf.target;

import org.jspecify.annotations.NullMarked;
