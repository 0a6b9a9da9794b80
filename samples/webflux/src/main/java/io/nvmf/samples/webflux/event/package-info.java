/**
 * What is told to whoever listens: states, events of the controller, rates and transfers, as server-sent events. A
 * listener that is slow loses the oldest and is told how many. Nothing waits for a listener.
 */
@NullMarked
package io.nvmf.samples.webflux.event;

import org.jspecify.annotations.NullMarked;
