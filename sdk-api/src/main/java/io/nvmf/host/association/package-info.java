/**
 * The host's life with a controller: connecting queues, enabling and identifying the controller, keep-alive, shut-down.
 * Internal; the face in {@code io.nvmf} is what applications use.
 */
@NullMarked
package io.nvmf.host.association;

import org.jspecify.annotations.NullMarked;
