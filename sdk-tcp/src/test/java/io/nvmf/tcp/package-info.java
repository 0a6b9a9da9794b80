/**
 * Tests of the TCP transport. Those of single parts drive them directly; those of a role put it into an embedded
 * channel or on a loopback connection, with a scripted peer at the other end. What scripts are made of is in the
 * package {@code testing}.
 */
@NullMarked
package io.nvmf.tcp;

import org.jspecify.annotations.NullMarked;
