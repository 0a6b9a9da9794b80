package io.nvmf.tcp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;

/**
 * A scripted peer on a loopback socket, for either role: expects these bytes, answers those. Blocking, for test
 * threads; every wait has a bound.
 */
public final class FakePeer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    private FakePeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    /** A port at which a fake controller waits for one host. */
    public static final class Listener implements AutoCloseable {

        private final ServerSocket server;

        private Listener(ServerSocket server) throws IOException {
            this.server = server;
            server.setSoTimeout(PATIENCE_MILLIS);
        }

        public int port() {
            return server.getLocalPort();
        }

        public FakePeer accept() {
            try {
                return new FakePeer(server.accept());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public static Listener listen() {
        try {
            return new Listener(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fake host. */
    public static FakePeer connect(int port) {
        try {
            return new FakePeer(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FakePeer send(TestPdu pdu) {
        return send(pdu.bytes());
    }

    public FakePeer send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends in pieces, as segments of their own as far as that can be told. */
    public FakePeer send(Fragmentation fragmentation, TestPdu... pdus) {
        List<byte[]> messages =
                java.util.Arrays.stream(pdus).map(TestPdu::bytes).toList();
        fragmentation.cut(messages).forEach(this::send);
        return this;
    }

    public FakePeer expect(TestPdu pdu) {
        return expect(pdu.bytes());
    }

    /** Fails unless exactly these bytes come next. */
    public FakePeer expect(byte[] bytes) {
        assertThat(HexFormat.of().formatHex(read(bytes.length)))
                .isEqualTo(HexFormat.of().formatHex(bytes));
        return this;
    }

    /** The next bytes, whatever they are. */
    public byte[] read(int length) {
        try {
            byte[] bytes = socket.getInputStream().readNBytes(length);
            assertThat(bytes).describedAs("bytes before the end of the stream").hasSize(length);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless the connection ends here. */
    public FakePeer expectEnd() {
        try {
            assertThat(socket.getInputStream().read())
                    .describedAs("end of the stream")
                    .isEqualTo(-1);
            return this;
        } catch (IOException e) {
            // A reset is an end, too.
            return this;
        }
    }

    /** Resets the connection instead of closing it. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
