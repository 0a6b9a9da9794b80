/**
 * Who may ask, and from where. Users are known by HTTP Basic; without a password the gateway only answers to its own
 * machine. Pages of other sites cannot make a browser change anything.
 */
@NullMarked
package io.nvmf.samples.webflux.security;

import org.jspecify.annotations.NullMarked;
