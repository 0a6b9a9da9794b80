/**
 * What is under way. Transfers are the downloads and uploads that events tell of. Writes know which bytes are being
 * changed, and what the entity tag of a namespace is because of that.
 */
@NullMarked
package io.nvmf.samples.webflux.transfer;

import org.jspecify.annotations.NullMarked;
