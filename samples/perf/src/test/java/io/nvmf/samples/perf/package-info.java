/**
 * Tests of the load generator: its options, its figures, and short runs against a target in this JVM.
 * Runs are judged by what they report, not by how fast they are.
 * Damage is put in by a store, so that verifying is seen to notice it.
 */
@NullMarked
package io.nvmf.samples.perf;

import org.jspecify.annotations.NullMarked;
