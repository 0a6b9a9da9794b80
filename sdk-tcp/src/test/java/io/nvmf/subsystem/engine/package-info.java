/** Tests of targets on real sockets that look at what a target holds, which only this package knows. */
@NullMarked
package io.nvmf.subsystem.engine;

import org.jspecify.annotations.NullMarked;
