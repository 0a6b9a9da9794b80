/**
 * Tests of the program that shows what subsystems say of themselves. What it prints is compared with files, against a
 * target in this JVM whose identity is fixed. Events are posted by the target, and failures provoked one by one.
 */
@NullMarked
package io.nvmf.samples.inspect;

import org.jspecify.annotations.NullMarked;
