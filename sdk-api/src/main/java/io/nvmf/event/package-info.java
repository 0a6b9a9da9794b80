/**
 * What a controller tells without being asked: one sealed type for each kind of asynchronous event. Values alone; they
 * come from {@code NvmeController.events()}.
 */
@NullMarked
package io.nvmf.event;

import org.jspecify.annotations.NullMarked;
