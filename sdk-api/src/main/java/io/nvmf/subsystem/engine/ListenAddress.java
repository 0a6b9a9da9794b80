package io.nvmf.subsystem.engine;

import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;

/**
 * Where a target listens, or is to listen.
 *
 * @param transport kind of fabric
 * @param address where in it
 */
public record ListenAddress(TransportType transport, TransportAddress address) {}
