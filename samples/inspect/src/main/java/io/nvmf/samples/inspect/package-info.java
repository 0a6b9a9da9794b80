/**
 * Shows what NVMe subsystems say of themselves, as tables for people and as JSON for programs. Each subcommand makes a
 * report of named values in the specification's words, and two writers know how it is shown. Nothing is changed at the
 * controller: log pages are read so that their events stay unacknowledged.
 */
@NullMarked
package io.nvmf.samples.inspect;

import org.jspecify.annotations.NullMarked;
