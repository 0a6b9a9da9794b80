/**
 * {@code PUT} and {@code POST} of bytes to a namespace. Everything that can be refused is refused before the first byte.
 * Then the body is written as it comes, and compared with its digest.
 */
@NullMarked
package io.nvmf.samples.webflux.upload;

import org.jspecify.annotations.NullMarked;
