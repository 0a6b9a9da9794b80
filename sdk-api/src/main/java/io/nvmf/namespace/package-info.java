/**
 * Reading and writing the blocks of a namespace: single commands, and streams of bytes in both directions. Public are
 * what a user sets (options), sees (progress, statistics), and {@link io.nvmf.namespace.BlockAccess}, which the face is
 * made of; the machinery is package-private. It lies above the host, whose queues it uses, and below {@code
 * io.nvmf.NvmeNamespace}.
 */
@NullMarked
package io.nvmf.namespace;

import org.jspecify.annotations.NullMarked;
