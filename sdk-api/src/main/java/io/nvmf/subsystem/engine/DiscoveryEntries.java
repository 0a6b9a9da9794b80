package io.nvmf.subsystem.engine;

import io.nvmf.security.Security;
import io.nvmf.spec.AddressFamily;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.SubsystemType;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.transport.TransportAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a target says of its subsystems in the discovery log page. */
final class DiscoveryEntries {

    /** A reliable connection by the connection manager, over whatever provider the listener has. */
    private static final DiscoveryLogEntry.Rdma RDMA = new DiscoveryLogEntry.Rdma(1, 1, 1, 0);

    /** PORTID of the first address. */
    private static final int FIRST_PORT = 1;

    /** As listeners write the wildcard addresses. */
    private static final Set<String> ALL_OF_THIS_MACHINE = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

    private final TargetParameters parameters;

    DiscoveryEntries(TargetParameters parameters) {
        this.parameters = parameters;
    }

    /**
     * The NVM subsystems that a host may connect to, in the order in which they were added, each once for each address
     * that is listened at. The first address is the one to advertise. An only one is else that which the host came to:
     * whatever is listened at, that one it can reach. Of several it is not known which one that was, so they are told as
     * they are, and one that stands for all of this machine with the host's.
     *
     * @param hostNqn the host that asks
     * @param cameTo address of this end of the host's connection, or null if it is not known
     * @param listening where the target listens
     */
    List<DiscoveryLogEntry> of(String hostNqn, @Nullable TransportAddress cameTo, List<ListenAddress> listening) {
        List<ListenAddress> told = told(cameTo, listening);
        List<DiscoveryLogEntry> entries = new ArrayList<>();
        for (SubsystemOptions spec : parameters.subsystems()) {
            if (spec.admits(hostNqn)) {
                for (int i = 0; i < told.size(); i++) {
                    entries.add(entry(spec.nqn(), told.get(i), FIRST_PORT + i));
                }
            }
        }
        return entries;
    }

    private List<ListenAddress> told(@Nullable TransportAddress cameTo, List<ListenAddress> listening) {
        TransportAddress advertised = parameters.advertisedAddress();
        List<ListenAddress> told = new ArrayList<>();
        for (ListenAddress here : listening) {
            TransportAddress address = here.address();
            if (told.isEmpty() && advertised != null) {
                address = advertised;
            } else if (cameTo != null && listening.size() == 1) {
                address = cameTo;
            } else if (cameTo != null && ALL_OF_THIS_MACHINE.contains(address.host())) {
                address = new TransportAddress(cameTo.host(), address.service());
            }
            told.add(new ListenAddress(here.transport(), address));
        }
        return told;
    }

    private DiscoveryLogEntry entry(String nqn, ListenAddress here, int port) {
        TransportType type = here.transport();
        TransportAddress address = here.address();
        return new DiscoveryLogEntry(
                type.value(),
                addressFamily(type, address).value(),
                SubsystemType.NVM.value(),
                DiscoveryLogEntry.TREQ_DISABLE_SQ_FLOW_CONTROL | secureChannel(),
                port,
                ConnectData.CNTLID_DYNAMIC,
                parameters.options().adminQueueSize(),
                0,
                address.service(),
                nqn,
                address.host(),
                transportSpecific(type));
    }

    /** Not required where a connection begins without, and is given up once both sides have a key. */
    private int secureChannel() {
        Security security = parameters.security();
        if (security.tls().isPresent()) {
            return DiscoveryLogEntry.TREQ_SECURE_CHANNEL_REQUIRED;
        }
        return security.isConcatenated() ? DiscoveryLogEntry.TREQ_SECURE_CHANNEL_NOT_REQUIRED : 0;
    }

    private DiscoveryLogEntry.TransportSpecific transportSpecific(TransportType type) {
        boolean tls = parameters.security().usesTls();
        return switch (type) {
            case TCP -> new DiscoveryLogEntry.Tcp(tls ? DiscoveryLogEntry.Tcp.TLS_1_3 : DiscoveryLogEntry.Tcp.NONE);
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
