/**
 * What a client can tell of itself in numbers: a recorder of the user's hears of commands, queues, associations and
 * states as they happen. Everything here is below the host and knows no library of metrics; {@code
 * io.nvmf.metrics.micrometer} has the recorder for Micrometer. Without a recorder nothing is measured.
 */
@NullMarked
package io.nvmf.metrics;

import org.jspecify.annotations.NullMarked;
