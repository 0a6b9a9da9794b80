package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;
import org.jspecify.annotations.Nullable;

/**
 * One side of a TLS connection without input and output: takes records and gives data, takes data and gives records.
 * Not thread safe.
 */
abstract sealed class Engine {

    private final TlsProtocol protocol;
    private final PskPeer peer;

    private Engine(TlsProtocol protocol, PskPeer peer) {
        this.protocol = protocol;
        this.peer = peer;
    }

    static Engine client(PskClient client) {
        return new Client(client, new Client.ClientSide(client));
    }

    static Engine server(PskServer server) {
        return new Server(server, new Server.ServerSide());
    }

    /** Starts the handshake. */
    abstract void start() throws IOException;

    /**
     * Changes the keys of what this side sends.
     *
     * @param both whether the peer is asked to do the same
     */
    abstract void updateKeys(boolean both) throws IOException;

    /** The identity of the agreed key, once the handshake is complete; null before. */
    @Nullable
    String agreed() {
        return peer.agreed();
    }

    /** What this side knows about a failure that the peer is not told; null if nothing. */
    @Nullable
    String remark() {
        return peer.remark();
    }

    /** Takes one record. What it brings is in {@link #read} and {@link #drain}, also after an exception. */
    void offer(byte[] record, int length) throws IOException {
        protocol.offerInput(record, 0, length);
    }

    /** Has a header of a record judged that is not one, so that the peer is told. */
    void judge(byte[] header) throws IOException {
        protocol.previewInputRecord(header);
    }

    /** Data that waits for {@link #read}. */
    int readable() {
        return protocol.getAvailableInputBytes();
    }

    /** Moves data to a buffer that has room for it. */
    void read(ByteBuf to, int length) {
        ByteBuffer nio = to.internalNioBuffer(to.writerIndex(), length);
        to.writerIndex(to.writerIndex() + protocol.readInput(nio, length));
    }

    /** Makes a record of up to 2¹⁴ bytes. */
    void write(byte[] data, int length) throws IOException {
        protocol.writeApplicationData(data, 0, length);
    }

    /** Bytes that wait for {@link #drain}. */
    int drainable() {
        return protocol.getAvailableOutputBytes();
    }

    /** Moves what is to be sent to a buffer, which grows as it needs to. */
    void drain(ByteBuf to) {
        int length = protocol.getAvailableOutputBytes();
        to.ensureWritable(length);
        ByteBuffer nio = to.internalNioBuffer(to.writerIndex(), length);
        to.writerIndex(to.writerIndex() + protocol.readOutput(nio, length));
    }

    /** Whether the peer, or a failure, has ended it. */
    boolean isClosed() {
        return protocol.isClosed();
    }

    /** Sends a close_notify. */
    void close() throws IOException {
        protocol.close();
    }

    void wipe() {
        peer.wipe();
    }

    private static final class Client extends Engine {

        private final PskClient client;
        private final ClientSide protocol;

        Client(PskClient client, ClientSide protocol) {
            super(protocol, client);
            this.client = client;
            this.protocol = protocol;
        }

        @Override
        void start() throws IOException {
            protocol.connect(client);
        }

        @Override
        void updateKeys(boolean both) throws IOException {
            protocol.send13KeyUpdate(both);
        }

        private static final class ClientSide extends TlsClientProtocol {

            private final PskClient client;
            private boolean repeats;

            ClientSide(PskClient client) {
                this.client = client;
            }

            @Override
            protected void send13ClientHelloRetry() throws IOException {
                repeats = true;
                super.send13ClientHelloRetry();
            }

            /**
             * A ClientHello that is repeated offers only keys that go with the server's cipher suite. BouncyCastle 1.84
             * still counts the others, and the server waits for bytes that never come.
             */
            @Override
            protected void sendClientHelloMessage() throws IOException {
                if (repeats) {
                    int suite = getContext().getSecurityParametersHandshake().getCipherSuite();
                    clientHello = new ClientHello(
                            clientHello.getVersion(),
                            clientHello.getRandom(),
                            clientHello.getSessionID(),
                            clientHello.getCookie(),
                            clientHello.getCipherSuites(),
                            clientHello.getExtensions(),
                            client.bindersSize(suite));
                }
                super.sendClientHelloMessage();
            }

            @Override
            protected void send13KeyUpdate(boolean updateRequested) throws IOException {
                super.send13KeyUpdate(updateRequested);
            }
        }
    }

    private static final class Server extends Engine {

        private final PskServer server;
        private final ServerSide protocol;

        Server(PskServer server, ServerSide protocol) {
            super(protocol, server);
            this.server = server;
            this.protocol = protocol;
        }

        @Override
        void start() throws IOException {
            protocol.accept(server);
        }

        @Override
        void updateKeys(boolean both) throws IOException {
            protocol.send13KeyUpdate(both);
        }

        private static final class ServerSide extends TlsServerProtocol {
            @Override
            protected void send13KeyUpdate(boolean updateRequested) throws IOException {
                super.send13KeyUpdate(updateRequested);
            }
        }
    }
}
