package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;
import org.jspecify.annotations.Nullable;

/**
 * One side of a TLS connection without input and output: takes records and gives data, takes data and gives records.
 * Not thread safe.
 */
abstract sealed class Engine {

    /** Takes data that has come. */
    @FunctionalInterface
    interface Sink {

        /**
         * Takes some.
         *
         * @param array is used again for other data
         * @param offset of the data
         * @param length of the data
         */
        void take(byte[] array, int offset, int length);
    }

    private final TlsProtocol protocol;
    private final PskPeer peer;
    private final Incoming incoming;

    private Engine(TlsProtocol protocol, PskPeer peer, Incoming incoming) {
        this.protocol = protocol;
        this.peer = peer;
        this.incoming = incoming;
    }

    static Engine client(PskClient client) {
        Incoming incoming = new Incoming();
        return new Client(client, new Client.ClientSide(client, incoming), incoming);
    }

    static Engine server(PskServer server) {
        Incoming incoming = new Incoming();
        return new Server(server, new Server.ServerSide(incoming), incoming);
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

    /**
     * Takes one record. What it has answered is in {@link #drain}, also after an exception.
     *
     * @param record begins with it
     * @param length of the record
     * @param data takes what it brings
     */
    void offer(byte[] record, int length, Sink data) throws IOException {
        incoming.sink = data;
        try {
            protocol.offerInput(record, 0, length);
        } finally {
            incoming.sink = null;
        }
    }

    /** Has a header of a record judged that is not one, so that the peer is told. */
    void judge(byte[] header) throws IOException {
        protocol.previewInputRecord(header);
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

    /** Passes data on where it lies. BouncyCastle would keep a copy of it. */
    private static final class Incoming {

        private @Nullable Sink sink;

        /** Whether this was data, and is dealt with. */
        boolean take(TlsProtocol of, short type, byte[] array, int offset, int length) {
            Sink to = sink;
            if (type != ContentType.application_data || to == null || !of.isConnected()) {
                return false;
            }
            to.take(array, offset, length);
            return true;
        }
    }

    private static final class Client extends Engine {

        private final PskClient client;
        private final ClientSide protocol;

        Client(PskClient client, ClientSide protocol, Incoming incoming) {
            super(protocol, client, incoming);
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
            private final Incoming incoming;
            private boolean repeats;

            ClientSide(PskClient client, Incoming incoming) {
                this.client = client;
                this.incoming = incoming;
            }

            @Override
            protected void processRecord(short type, byte[] array, int offset, int length) throws IOException {
                if (!incoming.take(this, type, array, offset, length)) {
                    super.processRecord(type, array, offset, length);
                }
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

        Server(PskServer server, ServerSide protocol, Incoming incoming) {
            super(protocol, server, incoming);
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

            private final Incoming incoming;

            ServerSide(Incoming incoming) {
                this.incoming = incoming;
            }

            @Override
            protected void processRecord(short type, byte[] array, int offset, int length) throws IOException {
                if (!incoming.take(this, type, array, offset, length)) {
                    super.processRecord(type, array, offset, length);
                }
            }

            @Override
            protected void send13KeyUpdate(boolean updateRequested) throws IOException {
                super.send13KeyUpdate(updateRequested);
            }
        }
    }
}
