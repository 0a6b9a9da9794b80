package io.nvmf.transport.support;

import io.netty.util.NetUtil;
import io.nvmf.transport.TransportAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IPv6 addresses with a scope ({@code fe80::1%eth0}), which Reactor Netty would leave out. */
public final class ScopedAddress {

    private static final int IPV6_LENGTH = 16;

    private ScopedAddress() {}

    /**
     * Reads an address without looking anything up but the interface.
     *
     * @param address any
     * @return null if it is not an IPv6 address with a scope
     * @throws UnknownHostException if there is no such interface, or no such address
     */
    public static @Nullable InetSocketAddress of(TransportAddress address) throws UnknownHostException {
        String host = address.host();
        int percent = host.indexOf('%');
        if (percent < 0 || host.indexOf(':') < 0) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host.substring(0, percent));
        if (bytes == null || bytes.length != IPV6_LENGTH) {
            throw new UnknownHostException(host + " is not an IPv6 address");
        }
        return new InetSocketAddress(
                Inet6Address.getByAddress(null, bytes, scopeId(host, host.substring(percent + 1))), address.port());
    }

    /**
     * An address that has been reached, in a form from which it can be reached again without resolving anything. Where
     * Netty has lost the scope, it is that of this end of the connection.
     *
     * @param reached the peer's end of a connection
     * @param from this end of it
     * @return null for what is no resolved IP address, as that of a channel without a socket
     */
    public static @Nullable TransportAddress reached(@Nullable SocketAddress reached, @Nullable SocketAddress from) {
        return reached instanceof InetSocketAddress socket && socket.getAddress() != null
                ? TransportAddress.of(text(socket.getAddress(), from), socket.getPort())
                : null;
    }

    private static String text(InetAddress reached, @Nullable SocketAddress from) {
        String text = reached.getHostAddress();
        boolean lost =
                reached instanceof Inet6Address remote && remote.isLinkLocalAddress() && remote.getScopeId() == 0;
        if (lost && from instanceof InetSocketAddress socket && socket.getAddress() instanceof Inet6Address local) {
            int percent = text.indexOf('%');
            return (percent < 0 ? text : text.substring(0, percent)) + '%' + local.getScopeId();
        }
        return text;
    }

    /** The index of an interface; 0, which the system says where no scope is needed, is none. */
    private static int scopeId(String host, String scope) throws UnknownHostException {
        try {
            NetworkInterface named = NetworkInterface.getByName(scope);
            return named != null ? named.getIndex() : index(scope);
        } catch (SocketException | NumberFormatException e) {
            throw new UnknownHostException(host + ": '" + scope + "' is no network interface of this host");
        }
    }

    private static int index(String scope) {
        int index = Integer.parseInt(scope);
        if (index < 0) {
            throw new NumberFormatException(scope);
        }
        return index;
    }
}
