/**
 * NVMe/RDMA (NVMe RDMA Transport Specification 1.0) for host and controller: queue pairs over connections that somebody
 * else provides, see {@link io.nvmf.rdma.spi}. Users need {@link io.nvmf.rdma.RdmaOptions}, and
 * {@link io.nvmf.rdma.RdmaTransportProvider} where it is not found by itself.
 */
@NullMarked
package io.nvmf.rdma;

import org.jspecify.annotations.NullMarked;
