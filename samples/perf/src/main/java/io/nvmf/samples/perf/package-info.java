/**
 * A load generator with the options that storage people know: it drives a namespace through one of the three levels of
 * the API and reports rate, latency, processor time and allocation. A run is a number of lanes, one for each queue pair
 * or stream, which keep their depth of I/Os outstanding by themselves on the event loops; the main thread only watches
 * and takes the readings. What the generator does for each I/O allocates nothing, so that what is measured is the SDK.
 */
@NullMarked
package io.nvmf.samples.perf;

import org.jspecify.annotations.NullMarked;
