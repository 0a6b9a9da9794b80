/** Micro-benchmarks whose subject is internal to the package of the same name: the data path of a connection. */
@NullMarked
package io.nvmf.tcp;

import org.jspecify.annotations.NullMarked;
