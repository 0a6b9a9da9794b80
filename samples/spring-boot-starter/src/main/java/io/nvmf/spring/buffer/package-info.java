/**
 * The bridge between the buffers of the SDK, which are Netty's, and those of Spring, in both directions and without
 * copying. Who has to release a buffer stays clear: with the buffer the duty passes to whoever gets it.
 */
@NullMarked
package io.nvmf.spring.buffer;

import org.jspecify.annotations.NullMarked;
