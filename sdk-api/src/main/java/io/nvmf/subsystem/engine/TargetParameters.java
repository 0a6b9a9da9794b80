package io.nvmf.subsystem.engine;

import io.nvmf.security.Security;
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
 * @param listeners where to listen, at one at least
 * @param registry where the transports are looked for
 * @param transportOptions options of the transports
 * @param advertisedAddress what the discovery log says of the first listener, or null for the address that the host came
 *     to
 * @param subsystems the NVM subsystems, their names different
 * @param options sizes, numbers and bounds
 * @param security what is asked of hosts
 * @param timer runs keep alive and other time limits
 */
public record TargetParameters(
        List<ListenAddress> listeners,
        TransportRegistry registry,
        TransportOptions transportOptions,
        @Nullable TransportAddress advertisedAddress,
        List<SubsystemOptions> subsystems,
        TargetOptions options,
        Security security,
        Scheduler timer) {}
