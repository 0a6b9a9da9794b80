/**
 * A namespace for code that is not reactive: a seekable channel, an input stream and an output stream. Every call blocks
 * until the controller has answered, so none may be made on an event loop, and all of them refuse it. Interrupts and
 * {@code close} end calls that wait, as those of {@link java.nio.channels.InterruptibleChannel} do.
 */
@NullMarked
package io.nvmf.channel;

import org.jspecify.annotations.NullMarked;
