/**
 * Checks that hold for every test of every module, whatever the test is about.
 * This build's modules name them in {@code META-INF/services}, so they need no mention in a test. Beside them are the test doubles
 * that tests of several packages share.
 * They are part of the transport test kit's jar, but without those files: whoever uses the kit chooses what to switch on.
 */
@NullMarked
package io.nvmf.testing;

import org.jspecify.annotations.NullMarked;
