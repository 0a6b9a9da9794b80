/**
 * Tests of what captures: PDUs in every fragmentation, the blocks of the file against the definition of its format, its
 * bounds, and what must never be in it.
 */
@NullMarked
package io.nvmf.tcp.capture;

import org.jspecify.annotations.NullMarked;
