/**
 * Tests of the program that copies namespaces: its parts, its options, and whole copies over TCP between targets in
 * this JVM. Stores count, delay and damage what they are asked to do. A copy is killed for real in a JVM of its own.
 */
@NullMarked
package io.nvmf.samples.replicate;

import org.jspecify.annotations.NullMarked;
