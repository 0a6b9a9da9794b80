package io.nvmf.subsystem.engine;

import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * Everything a target needs to start.
 *
 * @param transport kind of fabric
 * @param registry where the transport is looked for
 * @param transportOptions options of the transport
 * @param address where to listen
 * @param advertisedAddress what the discovery log says, or null for the address that the host came to
 * @param subsystems the NVM subsystems, their names different
 * @param options sizes, numbers and bounds
 * @param timer runs keep alive and other time limits
 */
public record TargetParameters(
        TransportType transport,
        TransportRegistry registry,
        TransportOptions transportOptions,
        TransportAddress address,
        @Nullable TransportAddress advertisedAddress,
        List<SubsystemOptions> subsystems,
        TargetOptions options,
        Scheduler timer) {}
