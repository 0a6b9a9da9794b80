/** Micro-benchmarks whose subject is internal to the package of the same name: the command slots. */
@NullMarked
package io.nvmf.host;

import org.jspecify.annotations.NullMarked;
