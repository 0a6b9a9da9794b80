/**
 * The first program to run: bulk data streamed to a namespace and back, with progress and a checksum.
 * It starts its own controller unless it is given the address of another one.
 * It is written the way an application would be, so that its parts can be copied.
 */
@NullMarked
package io.nvmf.samples.quickstart;

import org.jspecify.annotations.NullMarked;
