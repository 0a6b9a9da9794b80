/**
 * How much is done at a time: downloads, uploads, listeners. What is beyond a limit is refused with 503 and a
 * {@code Retry-After}. A place is given back however its work ends.
 */
@NullMarked
package io.nvmf.samples.webflux.limit;

import org.jspecify.annotations.NullMarked;
