package io.nvmf.tcp;

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
import io.nvmf.transport.TransportAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** IPv6 addresses that mean something on one interface only, from the text of a URI to the socket. */
class ScopedAddressTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static InetSocketAddress scoped(String host) throws UnknownHostException {
        return ScopedAddress.of(TransportAddress.of(host, 4420));
    }

    private static NetworkInterface loopback() throws IOException {
        return NetworkInterface.networkInterfaces()
                .filter(each -> each.inetAddresses().anyMatch(InetAddress::isLoopbackAddress))
                .findFirst()
                .orElseThrow();
    }

    /** An address of this machine with the scope of its interface; frames to it do not leave the machine. */
    private static Optional<String> linkLocal() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet6Address && address.isLinkLocalAddress())
                .map(InetAddress::getHostAddress)
                .filter(ScopedAddressTest::canListen)
                .findFirst();
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
    void interfacesAreNamedOrNumbered() throws IOException {
        NetworkInterface loopback = loopback();
        byte[] bytes = {(byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        InetSocketAddress expected =
                new InetSocketAddress(Inet6Address.getByAddress(null, bytes, loopback.getIndex()), 4420);

        for (String scope : new String[] {loopback.getName(), Integer.toString(loopback.getIndex())}) {
            InetSocketAddress address = scoped("fe80::1%" + scope);

            assertThat(address).isEqualTo(expected);
            assertThat(((Inet6Address) address.getAddress()).getScopeId()).isEqualTo(loopback.getIndex());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "::1", "fe80::1", "host.example", "host%lo", "50%"})
    void othersAreLeftToTheResolver(String host) throws UnknownHostException {
        assertThat(scoped(host)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fe80::1%no-such-interface",
                "fe80::1%",
                "fe80::1%-1",
                "fe80::1%99999999999",
                "fe80::1%1%1",
                "fe80::g%1",
                "a:b%1"
            })
    void whatIsNoneIsSaidByItsName(String host) {
        assertThatThrownBy(() -> scoped(host))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining(host.substring(0, host.indexOf('%')));
    }

    @Test
    void anInterfaceThatIsNotThereFailsTheConnect() {
        NvmeClient client = NvmeClient.from("nvme+tcp://[fe80::1%25nvmf0]:4420/" + NQN);

        assertThatThrownBy(() -> client.connect().block(PATIENCE))
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED))
                .hasMessageContaining("fe80::1%nvmf0");
    }

    @Test
    void aScopeThatWasLostIsThatOfTheOwnEnd() throws UnknownHostException {
        byte[] linkLocal = {(byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
        Inet6Address own = Inet6Address.getByAddress(null, linkLocal, 7);
        InetAddress global = InetAddress.getByName("2001:db8::9");
        InetSocketAddress from = new InetSocketAddress(own, 1);

        assertThat(ScopedAddress.text(Inet6Address.getByAddress(null, linkLocal, -1), from))
                .isEqualTo("fe80:0:0:0:0:0:0:9%7");
        assertThat(ScopedAddress.text(Inet6Address.getByAddress(null, linkLocal, 0), from))
                .isEqualTo("fe80:0:0:0:0:0:0:9%7");
        assertThat(ScopedAddress.text(Inet6Address.getByAddress(null, linkLocal, 3), from))
                .isEqualTo("fe80:0:0:0:0:0:0:9%3");
        assertThat(ScopedAddress.text(global, from)).isEqualTo("2001:db8:0:0:0:0:0:9");
        assertThat(ScopedAddress.text(InetAddress.getLoopbackAddress(), null)).isEqualTo("127.0.0.1");
    }

    /** All queues, since I/O queues go to the address that the admin queue reached. */
    @Test
    void aTargetIsReachedByAddressUriAndDiscovery() throws IOException {
        Optional<String> address = linkLocal();
        assumeTrue(address.isPresent(), "no link-local address here");
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, 512)
                .bindAddress(address.get(), 0)
                .bind()
                .block(PATIENCE);
        try {
            NvmeClient named = NvmeClient.create()
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
