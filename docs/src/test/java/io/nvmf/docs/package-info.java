/**
 * The code of the documentation, compiled and run, and the tests that hold the pages to it.
 * A block of Java on a page stands here verbatim; a class or test named on a page exists.
 * Run the tests to learn which page to mend.
 */
@NullMarked
package io.nvmf.docs;

import org.jspecify.annotations.NullMarked;
