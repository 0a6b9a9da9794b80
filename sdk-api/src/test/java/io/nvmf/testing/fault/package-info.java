/**
 * Connections of the in-JVM transport that fail where a plan says so, one message at a time. For tests of host and target on hand-driven
 * event loops and virtual time, where a seed makes the same things happen again.
 */
@NullMarked
package io.nvmf.testing.fault;

import org.jspecify.annotations.NullMarked;
