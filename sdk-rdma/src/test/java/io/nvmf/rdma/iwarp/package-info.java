/**
 * Tests of the iWARP provider. Those of a connection put it into an embedded channel, where a test is its peer byte by
 * byte, or on a loopback connection with a bare socket or another connection at the other end.
 */
@NullMarked
package io.nvmf.rdma.iwarp;

import org.jspecify.annotations.NullMarked;
