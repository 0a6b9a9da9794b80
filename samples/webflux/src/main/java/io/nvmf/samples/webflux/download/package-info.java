/**
 * {@code GET} and {@code HEAD} of the bytes of a namespace. Conditions and ranges are decided first, as RFC 9110 says.
 * Then the bytes go from the socket of the target to that of the client without being copied or queued.
 */
@NullMarked
package io.nvmf.samples.webflux.download;

import org.jspecify.annotations.NullMarked;
