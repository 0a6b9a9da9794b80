/**
 * What a user asks of a queue and what comes back: commands, completions, what is known of those that failed, and the
 * one tree of exceptions. Values alone: nothing here sends anything. It lies above the transports, which carry capsules
 * and know no commands, and below the host and all that is built on it.
 */
@NullMarked
package io.nvmf.command;

import org.jspecify.annotations.NullMarked;
