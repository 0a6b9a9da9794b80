/**
 * The host: associations, the command slots of their queues, keep-alive, and the streams over namespaces. Internal; the face
 * in {@code io.nvmf} is what applications use. It knows queue pairs and what commands mean, but no socket.
 */
@NullMarked
package io.nvmf.host;

import org.jspecify.annotations.NullMarked;
