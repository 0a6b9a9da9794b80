package io.nvmf.host.event;

/**
 * What a new look at a namespace has shown that a user has.
 *
 * @param nsid namespace identifier
 * @param resized whether it has another size and can be used; if not, it cannot be used any more
 * @param oldSize bytes before
 * @param newSize bytes now
 */
public record NamespaceChange(int nsid, boolean resized, long oldSize, long newSize) {}
