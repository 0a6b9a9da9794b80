/**
 * RDMA in software: iWARP (RFC 5040, 5041, 5044, 6581) on TCP, in Java. It talks to itself, to the Linux kernel's siw and
 * to network cards that speak iWARP. Public are the provider and its options; the rest is internal.
 */
@NullMarked
package io.nvmf.rdma.iwarp;

import org.jspecify.annotations.NullMarked;
