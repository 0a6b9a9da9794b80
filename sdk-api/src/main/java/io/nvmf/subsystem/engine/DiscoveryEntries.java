package io.nvmf.subsystem.engine;

import io.nvmf.spec.AddressFamily;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.SubsystemType;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a target says of its subsystems in the discovery log page. */
final class DiscoveryEntries {

    /** A reliable connection by the connection manager, over whatever provider the listener has. */
    private static final DiscoveryLogEntry.Rdma RDMA = new DiscoveryLogEntry.Rdma(1, 1, 1, 0);

    private final TargetParameters parameters;

    DiscoveryEntries(TargetParameters parameters) {
        this.parameters = parameters;
    }

    /**
     * The NVM subsystems that a host may connect to, in the order in which they were added. Their address is the one to
     * advertise, or else the one that the host came to: whatever is listened at, that one it can reach.
     *
     * @param hostNqn the host that asks
     * @param cameTo address of this end of the host's connection, or null if it is not known
     * @param listening where the target listens
     */
    List<DiscoveryLogEntry> of(String hostNqn, @Nullable TransportAddress cameTo, TransportAddress listening) {
        TransportAddress advertised = parameters.advertisedAddress();
        TransportAddress address = advertised != null ? advertised : cameTo != null ? cameTo : listening;
        return parameters.subsystems().stream()
                .filter(spec -> spec.admits(hostNqn))
                .map(spec -> entry(spec.nqn(), address))
                .toList();
    }

    private DiscoveryLogEntry entry(String nqn, TransportAddress address) {
        TransportType type = parameters.transport();
        return new DiscoveryLogEntry(
                type.value(),
                addressFamily(type, address).value(),
                SubsystemType.NVM.value(),
                DiscoveryLogEntry.TREQ_DISABLE_SQ_FLOW_CONTROL,
                1,
                ConnectData.CNTLID_DYNAMIC,
                parameters.options().adminQueueSize(),
                0,
                address.service(),
                nqn,
                address.host(),
                transportSpecific(type));
    }

    private static DiscoveryLogEntry.TransportSpecific transportSpecific(TransportType type) {
        return switch (type) {
            case TCP -> new DiscoveryLogEntry.Tcp(DiscoveryLogEntry.Tcp.NONE);
            case RDMA -> RDMA;
            default -> new DiscoveryLogEntry.None();
        };
    }

    private static AddressFamily addressFamily(TransportType type, TransportAddress address) {
        if (type == TransportType.LOOP) {
            return AddressFamily.LOOP;
        }
        return address.host().indexOf(':') >= 0 ? AddressFamily.IPV6 : AddressFamily.IPV4;
    }
}
