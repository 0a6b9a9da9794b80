package io.nvmf.tcp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A host that a target has no reason to trust: a socket, and PDUs written by hand. It reads only what a test makes it
 * read.
 */
public final class Stranger implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;
    private static final int RECEIVE_BUFFER = 4096;
    private static final int CONNECT_DATA = 1024;
    private static final int ENABLE = 0x46_0001;

    private final Socket socket;
    private int nextId = 1;

    private Stranger(Socket socket) {
        this.socket = socket;
    }

    /** A TCP connection, and nothing said. */
    public static Stranger silent(int port) {
        try {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(RECEIVE_BUFFER);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return new Stranger(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection that is initialized, without Connect. */
    public static Stranger initialized(int port) {
        Stranger stranger = silent(port);
        stranger.send(TestPdu.icReq(0, 0, 0));
        stranger.read(128);
        return stranger;
    }

    /** Connects a queue; gives the controller's identifier. */
    public int connect(int queueId, int entries, long kato, int controllerId, String subsystem, String host) {
        byte[] data = new byte[CONNECT_DATA];
        data[15] = 1;
        data[16] = (byte) controllerId;
        data[17] = (byte) (controllerId >> 8);
        byte[] subsystemName = subsystem.getBytes(StandardCharsets.UTF_8);
        byte[] hostName = host.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(subsystemName, 0, data, 256, subsystemName.length);
        System.arraycopy(hostName, 0, data, 512, hostName.length);
        send(TestPdu.capsuleCmd(0x7F, nextId++, 0)
                .u8(8 + 4, 1)
                .u16(8 + 42, queueId)
                .u16(8 + 44, entries - 1)
                .u32(8 + 48, kato)
                .inCapsule(data));
        ByteBuffer response = response();
        assertThat(status(response)).as("status of Connect").isZero();
        return response.getInt(0) & 0xFFFF;
    }

    /** Enables the controller of this admin queue. */
    public void enable() {
        send(TestPdu.capsuleCmd(0x7F, nextId++, 0).u32(8 + 44, 0x14).u32(8 + 48, ENABLE));
        assertThat(status(response())).as("status of enabling").isZero();
    }

    /** A Get Log Page of the discovery log. */
    public void getDiscoveryLog(int length) {
        int dwords = length / 4 - 1;
        send(TestPdu.capsuleCmd(0x02, nextId++, length)
                .u32(8 + 40, 0x70 | (long) (dwords & 0xFFFF) << 16)
                .u32(8 + 44, dwords >>> 16));
    }

    /** An Asynchronous Event Request. */
    public void awaitEvent() {
        send(TestPdu.capsuleCmd(0x0C, nextId++, 0));
    }

    /** An Identify Controller. */
    public void identify() {
        send(TestPdu.capsuleCmd(0x06, nextId++, 4096).u32(8 + 40, 1));
    }

    /** A Read of NSID 1. */
    public void read(long slba, int blocks, int length) {
        send(TestPdu.capsuleCmd(0x02, nextId++, length)
                .u32(8 + 4, 1)
                .u32(8 + 40, slba)
                .u32(8 + 48, blocks - 1));
    }

    /** A Write of NSID 1 with its data within the capsule. */
    public TestPdu write(long slba, int blocks, byte[] data) {
        return TestPdu.capsuleCmd(0x01, nextId++, 0)
                .u32(8 + 4, 1)
                .u32(8 + 40, slba)
                .u32(8 + 48, blocks - 1)
                .inCapsule(data);
    }

    /** A Write of NSID 1 whose data has to be asked for. */
    public TestPdu write(long slba, int blocks, int length) {
        return TestPdu.capsuleCmd(0x01, nextId++, length)
                .u32(8 + 4, 1)
                .u32(8 + 40, slba)
                .u32(8 + 48, blocks - 1);
    }

    public Stranger send(TestPdu pdu) {
        return send(pdu.bytes());
    }

    /** The first bytes of a PDU, and not the rest. */
    public Stranger sendPart(TestPdu pdu, int bytes) {
        return send(Arrays.copyOf(pdu.bytes(), bytes));
    }

    private Stranger send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The next R2T; what comes before it is dropped. */
    public ByteBuffer request() {
        while (true) {
            ByteBuffer header = ByteBuffer.wrap(read(8)).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer rest = ByteBuffer.wrap(read(header.getInt(4) - 8)).order(ByteOrder.LITTLE_ENDIAN);
            if (header.get(0) == 9) {
                return rest;
            }
        }
    }

    /** The answer to an R2T, in one PDU. */
    public static TestPdu answer(ByteBuffer request) {
        return TestPdu.h2cData(
                request.getShort(0), request.getShort(2), request.getInt(4), new byte[request.getInt(8)], TestPdu.LAST);
    }

    /** Reads as much, whatever it is. */
    public Stranger readPart(int bytes) {
        read(bytes);
        return this;
    }

    /** The next completion queue entry; data before it is dropped. */
    public ByteBuffer response() {
        while (true) {
            ByteBuffer header = ByteBuffer.wrap(read(8)).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer rest = ByteBuffer.wrap(read(header.getInt(4) - 8)).order(ByteOrder.LITTLE_ENDIAN);
            if (header.get(0) == 5) {
                return rest;
            }
        }
    }

    public static int status(ByteBuffer response) {
        return (response.getShort(14) & 0xFFFF) >>> 1;
    }

    private byte[] read(int length) {
        try {
            InputStream in = socket.getInputStream();
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("the target closed after " + bytes.length + " of " + length + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the target has closed the connection already; for one that is sent nothing. */
    public boolean isClosedNow() {
        try {
            socket.setSoTimeout(1);
            return isClosed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            try {
                socket.setSoTimeout(PATIENCE_MILLIS);
            } catch (IOException gone) {
                // Then it is closed.
            }
        }
    }

    /** Whether the target closes the connection, within the patience of tests; reads and drops what comes before. */
    public boolean isClosed() {
        try {
            byte[] dropped = new byte[8192];
            int read;
            do {
                read = socket.getInputStream().read(dropped);
            } while (read >= 0);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Resets the connection instead of closing it. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
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
