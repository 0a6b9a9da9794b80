/**
 * The Linux kernel as peer, in a virtual machine: its targets, its host, what it logs, and what the tests of all
 * transports against it have in common. They need the kernel lab ({@code .ci/kernel/README.md}) and are skipped where it
 * does not run; {@link io.nvmf.testing.kernel.KernelLab} is the only way to it.
 */
@NullMarked
package io.nvmf.testing.kernel;

import org.jspecify.annotations.NullMarked;
