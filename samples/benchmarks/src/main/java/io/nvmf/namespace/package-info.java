/** Micro-benchmarks whose subject is internal to the package of the same name: the streams. */
@NullMarked
package io.nvmf.namespace;

import org.jspecify.annotations.NullMarked;
