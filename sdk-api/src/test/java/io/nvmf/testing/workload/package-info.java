/**
 * Reads and writes that are checked against a model while connections fail: what blocks hold, what is known of each write, and a
 * store that says in which order writes are carried out. Runs on virtual time as well as on real threads; knows only the public
 * face of the SDK.
 */
@NullMarked
package io.nvmf.testing.workload;

import org.jspecify.annotations.NullMarked;
