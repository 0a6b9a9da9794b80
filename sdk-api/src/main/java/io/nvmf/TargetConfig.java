package io.nvmf;

import io.nvmf.security.Security;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.subsystem.engine.ListenAddress;
import io.nvmf.subsystem.engine.TargetParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** What a target is configured with; copied before every change, and checked as a whole when it is put to use. */
final class TargetConfig {
    TransportType transport = TransportType.TCP;

    @Nullable
    TransportRegistry registry;

    TransportOptions transportOptions = TransportOptions.none();
    TransportAddress address = TransportAddress.of(NvmeTarget.DEFAULT_HOST, 0);

    /** Besides the one that transport and address say. Never changed, only replaced. */
    List<ListenAddress> otherListeners = List.of();

    /** Null for the address that a host came to. */
    @Nullable
    TransportAddress advertisedAddress;

    /** Never changed, only replaced. */
    List<SubsystemOptions> subsystems = List.of();

    TargetOptions options = TargetOptions.DEFAULTS;

    Security security = Security.none();

    Scheduler timer = SharedTimer.INSTANCE;

    TargetConfig() {}

    private TargetConfig(TargetConfig original) {
        transport = original.transport;
        registry = original.registry;
        transportOptions = original.transportOptions;
        address = original.address;
        otherListeners = original.otherListeners;
        advertisedAddress = original.advertisedAddress;
        subsystems = original.subsystems;
        options = original.options;
        security = original.security;
        timer = original.timer;
    }

    TargetConfig copy() {
        return new TargetConfig(this);
    }

    void subsystem(SubsystemOptions another) {
        subsystems = Stream.concat(subsystems.stream(), Stream.of(another)).toList();
    }

    void listener(ListenAddress another) {
        otherListeners =
                Stream.concat(otherListeners.stream(), Stream.of(another)).toList();
    }

    /**
     * Checks the whole and fills in the defaults.
     *
     * @throws IllegalArgumentException if two subsystems have the same name
     */
    TargetParameters conclude() {
        long names = subsystems.stream().map(SubsystemOptions::nqn).distinct().count();
        if (names != subsystems.size()) {
            throw new IllegalArgumentException("two of the " + subsystems.size() + " subsystems have the same name");
        }
        return new TargetParameters(
                Stream.concat(Stream.of(new ListenAddress(transport, address)), otherListeners.stream())
                        .toList(),
                registry == null ? TransportRegistry.load() : registry,
                transportOptions,
                advertisedAddress,
                subsystems,
                options,
                security.validate(),
                timer);
    }
}
