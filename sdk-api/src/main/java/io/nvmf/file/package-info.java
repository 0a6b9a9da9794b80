/**
 * Files as sources of bytes for streams to namespaces, and as what streams from namespaces are written to. Files are
 * read and written on threads that may block, never on an event loop.
 */
@NullMarked
package io.nvmf.file;

import org.jspecify.annotations.NullMarked;
