/** Access of the tests to events. They look from outside, as a browser does. Here is what makes events. */
@NullMarked
package io.nvmf.samples.webflux.event;

import org.jspecify.annotations.NullMarked;
