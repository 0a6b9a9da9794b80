/**
 * Tests of the quickstart: the program as its users run it, in this JVM and with little data.
 * Each runs against a controller of its own on a free port.
 * Failures are judged by the line that users see and by the exit code.
 */
@NullMarked
package io.nvmf.samples.quickstart;

import org.jspecify.annotations.NullMarked;
