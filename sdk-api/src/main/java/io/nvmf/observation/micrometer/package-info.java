/**
 * Makes Micrometer observations of what a client does: {@link
 * io.nvmf.observation.micrometer.MicrometerObserver} is the observer, {@link
 * io.nvmf.observation.micrometer.NvmeObservations} says what there is, and a convention for each says which names and
 * values they have. Needs {@code io.micrometer:micrometer-observation}, which does not come with this SDK; nothing of it
 * is loaded by whoever does not use this package.
 */
@NullMarked
package io.nvmf.observation.micrometer;

import org.jspecify.annotations.NullMarked;
