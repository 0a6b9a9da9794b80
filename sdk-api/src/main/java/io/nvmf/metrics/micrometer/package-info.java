/**
 * Micrometer meters of clients. Nothing else in the SDK knows a type of Micrometer's core, so programs without it never
 * load a class from here. {@link io.nvmf.metrics.micrometer.NvmeMeters} is the list of the meters.
 */
@NullMarked
package io.nvmf.metrics.micrometer;

import org.jspecify.annotations.NullMarked;
