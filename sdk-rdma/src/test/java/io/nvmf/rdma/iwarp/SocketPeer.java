package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** A bare socket at the other end. Blocking, for test threads; every wait has a bound. */
final class SocketPeer implements AutoCloseable {

    private static final HexFormat HEX = HexFormat.of();
    private static final int PATIENCE_MILLIS = 30_000;

    static final String REQUEST = HEX.formatHex("MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII));
    static final String REPLY = HEX.formatHex("MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII));

    private final Socket socket;

    SocketPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    static SocketPeer connect(int port) throws IOException {
        return new SocketPeer(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
        return server;
    }

    SocketPeer send(String hex) throws IOException {
        return send(HEX.parseHex(hex));
    }

    SocketPeer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    SocketPeer expect(String hex) throws IOException {
        assertThat(HEX.formatHex(read(hex.length() / 2))).isEqualTo(hex);
        return this;
    }

    SocketPeer expect(byte[] bytes) throws IOException {
        return expect(HEX.formatHex(bytes));
    }

    byte[] read(int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        assertThat(bytes).describedAs("bytes before the end of the stream").hasSize(length);
        return bytes;
    }

    /** One read, so what came in one piece. */
    byte[] readOnce() throws IOException {
        byte[] bytes = new byte[1000];
        int n = socket.getInputStream().read(bytes);
        return Arrays.copyOf(bytes, n);
    }

    /** A FIN, and not a reset. */
    SocketPeer expectFin() throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        return this;
    }

    /** Nothing comes for a while. */
    SocketPeer expectSilence(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            assertThat(socket.getInputStream().read()).describedAs("a byte").isNegative();
            throw new AssertionError("the connection has ended");
        } catch (SocketTimeoutException silent) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            return this;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
