/**
 * Tests against the Linux kernel's NVMe/RDMA host and controller, which run in a virtual machine with iWARP in software
 * (siw). They need the kernel lab ({@code .ci/kernel/README.md}) and are skipped where it does not run.
 */
@NullMarked
package io.nvmf.rdma.kernel;

import org.jspecify.annotations.NullMarked;
