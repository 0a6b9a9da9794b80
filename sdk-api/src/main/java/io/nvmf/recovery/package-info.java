/**
 * How a controller outlives its associations: what a user sets, and the states that can be watched. The machinery is in
 * {@code io.nvmf.host.recovery}.
 */
@NullMarked
package io.nvmf.recovery;

import org.jspecify.annotations.NullMarked;
