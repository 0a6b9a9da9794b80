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
 * Everything a target needs to start; checked once, here.
 *
 * @param transport kind of fabric
 * @param registry where the transport is looked for
 * @param options options of the transport
 * @param address where to listen
 * @param advertisedAddress what the discovery log says, or null for the address that the host came to
 * @param subsystems the NVM subsystems, their names different
 * @param limits sizes and numbers
 * @param timer runs keep alive and other time limits
 */
public record TargetConfiguration(
        TransportType transport,
        TransportRegistry registry,
        TransportOptions options,
        TransportAddress address,
        @Nullable TransportAddress advertisedAddress,
        List<SubsystemOptions> subsystems,
        TargetOptions limits,
        Scheduler timer) {

    /**
     * Checks what the types do not say.
     *
     * @param transport see the record
     * @param registry see the record
     * @param options see the record
     * @param address see the record
     * @param advertisedAddress see the record
     * @param subsystems see the record
     * @param limits see the record
     * @param timer see the record
     */
    public TargetConfiguration {
        subsystems = List.copyOf(subsystems);
        long names = subsystems.stream().map(SubsystemOptions::nqn).distinct().count();
        if (names != subsystems.size()) {
            throw new IllegalArgumentException("two of the " + subsystems.size() + " subsystems have the same name");
        }
    }
}
