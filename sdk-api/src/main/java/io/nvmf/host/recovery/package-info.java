/**
 * The owner of a controller's associations: makes a new one when one is lost, and submits again what may be submitted
 * again, in an order that loses no acknowledged write. Internal.
 */
@NullMarked
package io.nvmf.host.recovery;

import org.jspecify.annotations.NullMarked;
