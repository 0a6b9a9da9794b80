/**
 * The host proves who it is, and asks the same of controllers: in-band authentication of queues, and the keys of secure
 * channels. Keys are read and computed with away from event loops, and wiped when a transaction or a connect has ended,
 * however it has. Knows queues, and nothing of the association that they belong to.
 */
@NullMarked
package io.nvmf.host.auth;

import org.jspecify.annotations.NullMarked;
