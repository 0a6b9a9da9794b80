/**
 * RDMA for tests: a provider in memory, whose connections fail as a test says, and what every provider has to pass.
 */
package io.nvmf.rdma.testing;
