package io.nvmf.tcp;

import io.nvmf.transport.TransportAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IPv6 addresses with a scope ({@code fe80::1%eth0}), which Reactor Netty would leave out. */
final class ScopedAddress {

    private ScopedAddress() {}

    /**
     * Reads an address without looking anything up but the interface.
     *
     * @param address any
     * @return null if it is no IPv6 address with a scope
     * @throws UnknownHostException if there is no such interface, or no such address
     */
    static @Nullable InetSocketAddress of(TransportAddress address) throws UnknownHostException {
        String host = address.host();
        int percent = host.indexOf('%');
        if (percent < 0 || host.indexOf(':') < 0) {
            return null;
        }
        byte[] bytes = InetAddress.getByName(host.substring(0, percent)).getAddress(); // a literal, by the colon in it
        return new InetSocketAddress(
                Inet6Address.getByAddress(null, bytes, scopeId(host.substring(percent + 1))), address.port());
    }

    private static int scopeId(String scope) throws UnknownHostException {
        try {
            NetworkInterface named = NetworkInterface.getByName(scope);
            return named != null ? named.getIndex() : Integer.parseInt(scope);
        } catch (SocketException | NumberFormatException e) {
            throw new UnknownHostException("'" + scope + "' is no network interface of this host");
        }
    }
}
