/**
 * Files as sources of bytes for streams to namespaces. Their reads run on threads that may block, never on an event
 * loop.
 */
@NullMarked
package io.nvmf.file;

import org.jspecify.annotations.NullMarked;
