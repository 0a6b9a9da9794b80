/**
 * The gateway as a whole, over sockets: its API, what its clients can do to it, and what becomes of transfers when the
 * target is cut off.
 */
@NullMarked
package io.nvmf.samples.webflux;

import org.jspecify.annotations.NullMarked;
