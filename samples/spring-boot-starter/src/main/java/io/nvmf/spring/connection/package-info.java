/**
 * The connection that an application shares: attempts to make it, the times between them, what is told of its states,
 * and its part in the life cycle of the application. Not for applications to use; what they get is
 * {@link io.nvmf.spring.NvmeConnection}. Nothing here knows properties.
 */
@NullMarked
package io.nvmf.spring.connection;

import org.jspecify.annotations.NullMarked;
