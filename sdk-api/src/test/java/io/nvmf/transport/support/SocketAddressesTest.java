package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.testing.Covers;
import io.nvmf.transport.TransportAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketAddressesTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1", "0.0.0.0, 0.0.0.0",
        "0:0:0:0:0:0:0:0, '::'", "0:0:0:0:0:0:0:1, '::1'",
        "2001:DB8:0:0:1:0:0:1, '2001:db8::1:0:0:1'", "2001:db8:0:1:1:1:1:1, '2001:db8:0:1:1:1:1:1'"
    })
    @Covers(
            "TRADDR and ADRFAM are those that the host came to, also of a target on a wildcard address; IPv6 in its canonical form")
    void haveOneForm(String address, String text) throws UnknownHostException {
        assertThat(SocketAddresses.of(new InetSocketAddress(InetAddress.getByName(address), 4420)))
                .isEqualTo(TransportAddress.of(text, 4420));
    }

    @Test
    void ipv4IsSaidAsSuchWhateverTheSocketIs() throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};

        assertThat(SocketAddresses.of(new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), 1)))
                .isEqualTo(TransportAddress.of("10.1.2.3", 1));
    }

    @Test
    void aZoneStaysAtHome() throws UnknownHostException {
        byte[] linkLocal = {(byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};

        assertThat(SocketAddresses.of(new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 1), 1)))
                .isEqualTo(TransportAddress.of("fe80::9", 1));
    }

    @Test
    void whatIsNoSocketHasNone() {
        assertThat(SocketAddresses.of(null)).isNull();
        assertThat(SocketAddresses.of(InetSocketAddress.createUnresolved("somewhere", 1)))
                .isNull();
    }
}
