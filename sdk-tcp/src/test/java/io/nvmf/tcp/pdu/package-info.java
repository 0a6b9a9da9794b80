/** Tests of single messages. What a connection does with them is tested in {@code io.nvmf.tcp}. */
@NullMarked
package io.nvmf.tcp.pdu;

import org.jspecify.annotations.NullMarked;
