/**
 * Writes what connections send and receive as packets to a pcapng file that Wireshark opens. A handler in front of a
 * connection takes the PDUs out of the stream of bytes, which it only looks at, and hands them as packets to a thread
 * that writes. Without the option for it none of this is loaded or in a pipeline.
 */
@NullMarked
package io.nvmf.tcp.capture;

import org.jspecify.annotations.NullMarked;
