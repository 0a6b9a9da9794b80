/**
 * Micro-benchmarks of what every command passes through, each with its allocation per operation.
 * Those here see what the public contracts show; the few whose subject is internal live in packages named like that of their
 * subject.
 * The code of an event loop is measured on one thread that takes itself for the event loop, with a peer that costs next to
 * nothing, so that what remains is the SDK.
 */
@NullMarked
package io.nvmf.samples.benchmarks;

import org.jspecify.annotations.NullMarked;
