/**
 * Tests against the Linux kernel's NVMe/TCP host and controller, which run in a virtual machine. They need the kernel lab
 * ({@code .ci/kernel/README.md}) and are skipped where it does not run. {@link io.nvmf.testing.kernel.KernelLab} is their only way to it.
 */
@NullMarked
package io.nvmf.tcp.kernel;

import org.jspecify.annotations.NullMarked;
