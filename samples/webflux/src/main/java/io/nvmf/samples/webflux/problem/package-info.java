/**
 * What a client is told when something goes wrong: one status and one {@code application/problem+json} for every kind of
 * failure. {@link io.nvmf.samples.webflux.problem.Problems} has the table. A client's mistake is never a stack trace in
 * the log.
 */
@NullMarked
package io.nvmf.samples.webflux.problem;

import org.jspecify.annotations.NullMarked;
