/**
 * What an application can be told of the operations of a client while they go on: connecting, recovery, discovery,
 * transfers, and single commands if it asks for them. Everything here is below the host and knows no library of
 * observations; {@code io.nvmf.observation.micrometer} has the observer for Micrometer. Without an observer nothing is
 * told.
 */
@NullMarked
package io.nvmf.observation;

import org.jspecify.annotations.NullMarked;
