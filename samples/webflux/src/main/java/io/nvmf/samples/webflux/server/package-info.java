/**
 * How the HTTP server is set up: memory per connection, and connections that stand still. What a client can make the
 * server hold is bounded here. The rest is Spring Boot's.
 */
@NullMarked
package io.nvmf.samples.webflux.server;

import org.jspecify.annotations.NullMarked;
