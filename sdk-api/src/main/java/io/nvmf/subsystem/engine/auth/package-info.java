/**
 * How a target is sure of its hosts: transactions of in-band authentication with the secrets they need, and who has to
 * wait because it failed. Knows neither queues nor commands; bytes of messages go in, and messages come out. Whatever
 * takes long happens on threads of its own.
 */
@NullMarked
package io.nvmf.subsystem.engine.auth;

import org.jspecify.annotations.NullMarked;
