/**
 * The contract between NVMe over RDMA and those who provide RDMA, in InfiniBand's words: connections that send messages,
 * and windows of memory that the peer reads and writes. It knows nothing of NVMe. Who writes a provider reads
 * {@link io.nvmf.rdma.spi.RdmaConnection} first.
 */
@NullMarked
package io.nvmf.rdma.spi;

import org.jspecify.annotations.NullMarked;
