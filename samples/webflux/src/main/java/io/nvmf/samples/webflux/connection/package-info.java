/**
 * The connection to the subsystem as the HTTP side sees it. A namespace is found by the number in a path, and requests
 * are refused while there has been no association for too long. The connection itself is the starter's.
 */
@NullMarked
package io.nvmf.samples.webflux.connection;

import org.jspecify.annotations.NullMarked;
