package io.nvmf.samples.webflux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLSocketFactory;

/** A client that does with its connection what libraries do not let one do. */
final class HttpSocket implements AutoCloseable {

    private static final int TIMEOUT = 60_000;

    private static final int RECEIVE_BUFFER = 64 * 1024;

    private final Socket socket;

    private HttpSocket(Socket socket) {
        this.socket = socket;
    }

    static HttpSocket connect(InetSocketAddress address) throws IOException {
        return new HttpSocket(plain(address));
    }

    static HttpSocket connect(InetSocketAddress address, SSLSocketFactory tls) throws IOException {
        return new HttpSocket(tls.createSocket(plain(address), "localhost", address.getPort(), true));
    }

    private static Socket plain(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(RECEIVE_BUFFER);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT);
        socket.connect(address, TIMEOUT);
        return socket;
    }

    /** Lines of the head without the empty one. */
    HttpSocket send(String... head) throws IOException {
        return send((String.join("\r\n", head) + "\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    HttpSocket send(byte[] bytes) throws IOException {
        OutputStream output = socket.getOutputStream();
        output.write(bytes);
        output.flush();
        return this;
    }

    /** The head of the answer, in lower case. */
    String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                break;
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
    }

    byte[] read(int length) throws IOException {
        return socket.getInputStream().readNBytes(length);
    }

    String readText(int length) throws IOException {
        return new String(read(length), StandardCharsets.UTF_8);
    }

    InputStream input() throws IOException {
        return socket.getInputStream();
    }

    /** Goes without a word: the other side gets a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
