package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.transport.TransportAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IPv6 addresses that mean something on one interface only. */
class ScopedAddressTest {

    private static InetSocketAddress scoped(String host) throws UnknownHostException {
        return ScopedAddress.of(TransportAddress.of(host, 4420));
    }

    private static @Nullable TransportAddress reached(InetAddress address, @Nullable InetSocketAddress from) {
        return ScopedAddress.reached(new InetSocketAddress(address, 4420), from);
    }

    private static NetworkInterface loopback() throws IOException {
        return NetworkInterface.networkInterfaces()
                .filter(each -> each.inetAddresses().anyMatch(InetAddress::isLoopbackAddress))
                .findFirst()
                .orElseThrow();
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
    void aScopeThatWasLostIsThatOfTheOwnEnd() throws UnknownHostException {
        byte[] linkLocal = {(byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
        Inet6Address own = Inet6Address.getByAddress(null, linkLocal, 7);
        InetAddress global = InetAddress.getByName("2001:db8::9");
        InetSocketAddress from = new InetSocketAddress(own, 1);

        assertThat(reached(Inet6Address.getByAddress(null, linkLocal, -1), from))
                .isEqualTo(TransportAddress.of("fe80:0:0:0:0:0:0:9%7", 4420));
        assertThat(reached(Inet6Address.getByAddress(null, linkLocal, 0), from))
                .isEqualTo(TransportAddress.of("fe80:0:0:0:0:0:0:9%7", 4420));
        assertThat(reached(Inet6Address.getByAddress(null, linkLocal, 3), from))
                .isEqualTo(TransportAddress.of("fe80:0:0:0:0:0:0:9%3", 4420));
        assertThat(reached(global, from)).isEqualTo(TransportAddress.of("2001:db8:0:0:0:0:0:9", 4420));
        assertThat(reached(InetAddress.getLoopbackAddress(), null)).isEqualTo(TransportAddress.of("127.0.0.1", 4420));
        assertThat(ScopedAddress.reached(null, from)).isNull();
    }
}
