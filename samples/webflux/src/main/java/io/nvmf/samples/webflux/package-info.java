/**
 * A gateway that serves the namespaces of an NVMe subsystem over HTTP, on Spring WebFlux and Reactor Netty. This package
 * has the application and its settings; each package below has one concern. The API is described in
 * {@code openapi.yaml}.
 */
@NullMarked
package io.nvmf.samples.webflux;

import org.jspecify.annotations.NullMarked;
