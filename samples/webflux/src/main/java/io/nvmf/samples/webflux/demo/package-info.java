/**
 * For trying it out: a controller in the same process, and a way to cut it off for some seconds. None of it is there in
 * production. It is switched on by a property.
 */
@NullMarked
package io.nvmf.samples.webflux.demo;

import org.jspecify.annotations.NullMarked;
