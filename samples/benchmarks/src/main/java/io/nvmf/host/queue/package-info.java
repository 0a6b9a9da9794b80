/** Micro-benchmarks whose subject is internal to the package of the same name: the command slots. */
@NullMarked
package io.nvmf.host.queue;

import org.jspecify.annotations.NullMarked;
