/**
 * The face of the SDK: what an application imports to reach namespaces on a remote controller, or to be a controller
 * itself. Everything here is lazy, non-blocking and safe to share between threads unless its documentation says
 * otherwise. Nothing below this package refers to it.
 */
@NullMarked
package io.nvmf;

import org.jspecify.annotations.NullMarked;
