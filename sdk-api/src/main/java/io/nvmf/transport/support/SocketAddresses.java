package io.nvmf.transport.support;

import io.netty.util.NetUtil;
import io.nvmf.transport.TransportAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of sockets in the words of a transport: TRADDR in its canonical form (RFC 5952), TRSVCID as a decimal number.
 */
public final class SocketAddresses {

    private static final int IPV6_LENGTH = 16;

    /** ::ffff:0:0/96, which is how a socket for both families sees IPv4. */
    private static final byte[] IPV4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF};

    private SocketAddresses() {}

    /**
     * An address as others may be told, which is without a zone: that means something on one machine only.
     *
     * @param address of a socket
     * @return null for what is no resolved IP address, as that of a channel without a socket
     */
    public static @Nullable TransportAddress of(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress socket)) {
            return null;
        }
        InetAddress ip = socket.getAddress();
        return ip == null ? null : TransportAddress.of(text(ip.getAddress()), socket.getPort());
    }

    private static String text(byte[] ip) {
        boolean mapped = ip.length == IPV6_LENGTH && Arrays.mismatch(ip, IPV4_MAPPED) == IPV4_MAPPED.length;
        return NetUtil.bytesToIpAddress(mapped ? Arrays.copyOfRange(ip, IPV4_MAPPED.length, IPV6_LENGTH) : ip);
    }
}
