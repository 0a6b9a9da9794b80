/**
 * Copies a namespace to another one, across hosts and transports: a read stream becomes the source of a write stream,
 * so that the slower side sets the pace and memory stays bounded. A copy is a sequence of parts, each of which is
 * flushed at the target; a small state file says up to where, and a copy that was killed goes on from there. The
 * checksum is taken while copying, and the target is read back to compare it.
 */
@NullMarked
package io.nvmf.samples.replicate;

import org.jspecify.annotations.NullMarked;
