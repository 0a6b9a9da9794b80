/**
 * Runs the micro-benchmarks of a module, which live in its test sources beside what they measure: internals, and what every
 * command passes through. The code of an event loop is measured on one thread that takes itself for the event loop, with a peer
 * that costs next to nothing, so that what remains is the SDK.
 */
@NullMarked
package io.nvmf.testing.benchmark;

import org.jspecify.annotations.NullMarked;
