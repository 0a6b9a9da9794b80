/**
 * Checks that hold for every test of every module, whatever the test is about.
 * They are found through {@code META-INF/services} and need no mention in a test; beside them are the test doubles that tests of
 * several packages share.
 * Other modules get them, with the transport test kit, by depending on this module's test jar.
 */
@NullMarked
package io.nvmf.testing;

import org.jspecify.annotations.NullMarked;
