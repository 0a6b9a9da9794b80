package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.AddressFamily;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.testing.Covers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which address the discovery log tells: one that the host who asks can reach. */
class DiscoveryAddressTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SUBSYSTEM = "nqn.2024-01.io.nvmf:disk";

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, 127.0.0.1, IPV4",
        "0.0.0.0, 127.0.0.1, 127.0.0.1, IPV4",
        "0.0.0.0, 127.0.0.7, 127.0.0.7, IPV4",
        "localhost, localhost, 127.0.0.1, IPV4",
        "'::', 127.0.0.1, 127.0.0.1, IPV4",
        "'::', '0:0:0:0:0:0:0:1', '::1', IPV6",
        "'::1', '0::1', '::1', IPV6"
    })
    @Covers(
            "TRADDR and ADRFAM are those that the host came to, also of a target on a wildcard address; IPv6 in its canonical form")
    void isTheOneThatTheHostCameTo(String listening, String comingTo, String told, AddressFamily family) {
        Assumptions.assumeTrue(!listening.contains(":") || hasIpv6Loopback(), "no IPv6 here");

        DiscoveryLogEntry entry = discover(listening, comingTo, UnaryOperator.identity());

        assertThat(entry.transportAddress()).isEqualTo(told);
        assertThat(entry.addressFamily()).isEqualTo(family.value());
    }

    @Test
    void isTheAdvertisedOneWhereThereIsOne() {
        DiscoveryLogEntry entry =
                discover("0.0.0.0", "127.0.0.1", target -> target.advertisedAddress("2001:db8::17", 4420));

        assertThat(entry.transportAddress()).isEqualTo("2001:db8::17");
        assertThat(entry.transportServiceId()).isEqualTo("4420");
        assertThat(entry.addressFamily()).isEqualTo(AddressFamily.IPV6.value());
    }

    private static DiscoveryLogEntry discover(
            String listening, String comingTo, UnaryOperator<NvmeTarget> configuration) {
        BoundTarget target = configuration
                .apply(NvmeTarget.memory(SUBSYSTEM, 4096, 512).bindAddress(listening, 0))
                .bind()
                .block(PATIENCE);
        assertThat(target).isNotNull();
        try {
            DiscoveryLogEntry entry = NvmeClient.create()
                    .remoteAddress(comingTo, target.port())
                    .discover()
                    .filter(each -> each.subsystemNqn().equals(SUBSYSTEM))
                    .blockFirst(PATIENCE);
            assertThat(entry).isNotNull();
            return entry;
        } finally {
            target.close().block(PATIENCE);
        }
    }

    private static boolean hasIpv6Loopback() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(NetUtil.LOCALHOST6, 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
