package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * IPv6 addresses that mean something on one interface only, from the text of a URI to the socket, over a transport that
 * the subclass has.
 */
public abstract class ScopedAddresses {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The transport. */
    protected abstract TransportType transport();

    /** An address of this machine with the scope of its interface; frames to it do not leave the machine. */
    private static Optional<String> linkLocal() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet6Address && address.isLinkLocalAddress())
                .map(InetAddress::getHostAddress)
                .filter(ScopedAddresses::canListen)
                .findFirst();
    }

    private String scheme() {
        return transport().name().toLowerCase(Locale.ROOT);
    }

    private static boolean canListen(String address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void anInterfaceThatIsNotThereFailsTheConnect() {
        NvmeClient client = NvmeClient.from("nvme+" + scheme() + "://[fe80::1%25nvmf0]:4420/" + NQN);

        assertThatThrownBy(() -> client.connect().block(PATIENCE))
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED))
                .hasMessageContaining("fe80::1%nvmf0");
    }

    /** All queues, since I/O queues go to the address that the admin queue reached. */
    @Test
    void aTargetIsReachedByAddressUriAndDiscovery() throws IOException {
        Optional<String> address = linkLocal();
        assumeTrue(address.isPresent(), "no link-local address here");
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, 512)
                .transport(transport())
                .bindAddress(address.get(), 0)
                .bind()
                .block(PATIENCE);
        try {
            NvmeClient named = NvmeClient.create()
                    .transport(transport())
                    .remoteAddress(address.get(), target.port())
                    .subsystem(NQN);
            for (NvmeClient client : new NvmeClient[] {
                named.ioQueues(3),
                NvmeClient.from(named.uri().toString()),
                NvmeClient.from(target.uri(NQN).toString())
            }) {
                Mono<Long> size = Mono.usingWhen(
                        client.connect(),
                        controller -> controller.namespace(1).map(NvmeNamespace::size),
                        NvmeController::close);
                assertThat(size.block(PATIENCE)).isEqualTo(1 << 20);
            }

            DiscoveryLogEntry entry = NvmeClient.create()
                    .transport(transport())
                    .remoteAddress(address.get(), target.port())
                    .discover()
                    .blockFirst(PATIENCE);
            assertThat(entry.transportAddress())
                    .as("the zone means nothing to others")
                    .doesNotContain("%")
                    .startsWith("fe80::");
        } finally {
            target.close().block(PATIENCE);
        }
    }
}
