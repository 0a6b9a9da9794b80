/**
 * What an embedded NVM subsystem is made of: the storage interface {@link io.nvmf.subsystem.BlockStore} with the stores
 * that come with the SDK, and what can be set of subsystems and of the target that has them. {@code io.nvmf.NvmeTarget}
 * puts them together; the controllers themselves are in {@link io.nvmf.subsystem.engine}.
 */
@NullMarked
package io.nvmf.subsystem;

import org.jspecify.annotations.NullMarked;
