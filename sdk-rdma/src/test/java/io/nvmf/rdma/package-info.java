/** Tests of NVMe/RDMA, over RDMA within this JVM. */
@NullMarked
package io.nvmf.rdma;

import org.jspecify.annotations.NullMarked;
