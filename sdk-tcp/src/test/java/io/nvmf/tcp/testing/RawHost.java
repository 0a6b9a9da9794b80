package io.nvmf.tcp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A host of one queue that sends the PDUs it is told and reads what comes back, with digests off. One test thread. */
public final class RawHost implements AutoCloseable {

    private static final int CAPSULE_RESP = 5;
    private static final int C2H_DATA = 7;

    private final FakePeer peer;

    private RawHost(FakePeer peer) {
        this.peer = peer;
    }

    /** A completion and the data before it; SC with SCT as {@code type << 8 | code}, DNR and other flags dropped. */
    public static final class Answer {

        private final int dw0;
        private final int dw1;
        private final int commandId;
        private final int status;
        private final byte[] data;

        private Answer(int dw0, int dw1, int commandId, int status, byte[] data) {
            this.dw0 = dw0;
            this.dw1 = dw1;
            this.commandId = commandId;
            this.status = status;
            this.data = data;
        }

        public int dw0() {
            return dw0;
        }

        public int dw1() {
            return dw1;
        }

        public int commandId() {
            return commandId;
        }

        public int status() {
            return status;
        }

        public byte[] data() {
            return data;
        }
    }

    /** Connects to a port of the loopback interface and initializes the connection. */
    public static RawHost open(int port) {
        FakePeer peer = FakePeer.connect(port);
        peer.send(TestPdu.icReq(0, 0, 0));
        assertThat(peer.read(128)[0]).as("ICResp").isEqualTo((byte) 1);
        return new RawHost(peer);
    }

    /** Connect with flow control off; its data is in the capsule. */
    public static TestPdu connect(
            int commandId, int queueId, int entries, UUID hostId, int controllerId, String subsystem, byte[] hostNqn) {
        ByteBuffer data = ByteBuffer.allocate(1024)
                .putLong(hostId.getMostSignificantBits())
                .putLong(hostId.getLeastSignificantBits())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) controllerId)
                .put(256, subsystem.getBytes(StandardCharsets.US_ASCII))
                .put(512, hostNqn);
        return TestPdu.capsuleCmd(0x7F, commandId, 0)
                .u8(8 + 4, 0x01)
                .u16(8 + 42, queueId)
                .u16(8 + 44, entries - 1)
                .u8(8 + 46, 4)
                .inCapsule(data.array());
    }

    public static TestPdu propertyGet(int commandId, int offset, boolean eight) {
        return TestPdu.capsuleCmd(0x7F, commandId, 0)
                .u8(8 + 4, 0x04)
                .u8(8 + 40, eight ? 1 : 0)
                .u32(8 + 44, offset);
    }

    public static TestPdu propertySet(int commandId, int offset, long value) {
        return TestPdu.capsuleCmd(0x7F, commandId, 0).u32(8 + 44, offset).u32(8 + 48, value);
    }

    public static TestPdu identify(int commandId, int cns, int nsid, int cdw11) {
        return TestPdu.capsuleCmd(0x06, commandId, 4096)
                .u32(8 + 4, nsid)
                .u32(8 + 40, cns)
                .u32(8 + 44, cdw11);
    }

    public RawHost send(TestPdu pdu) {
        peer.send(pdu);
        return this;
    }

    /** The next completion and the data before it; a success that travels with the data counts as one. */
    public Answer next() {
        byte[] data = new byte[0];
        while (true) {
            ByteBuffer header = ByteBuffer.wrap(peer.read(24)).order(ByteOrder.LITTLE_ENDIAN);
            int type = header.get(0);
            if (type == CAPSULE_RESP) {
                int status = header.getShort(22) >>> 1 & 0x7FF;
                return new Answer(
                        header.getInt(8), header.getInt(12), Short.toUnsignedInt(header.getShort(20)), status, data);
            }
            assertThat(type).as("PDU type").isEqualTo(C2H_DATA);
            data = join(data, peer.read(header.getInt(16)));
            if ((header.get(1) & TestPdu.SUCCESS) != 0) {
                return new Answer(0, 0, Short.toUnsignedInt(header.getShort(8)), 0, data);
            }
        }
    }

    /** Sends one command and takes the answer to it. */
    public Answer run(TestPdu command) {
        byte[] header = command.header();
        Answer answer = send(command).next();
        assertThat(answer.commandId()).isEqualTo((header[10] & 0xFF) | (header[11] & 0xFF) << 8);
        return answer;
    }

    public Answer succeed(TestPdu command) {
        Answer answer = run(command);
        assertThat(Integer.toHexString(answer.status())).as("status").isEqualTo("0");
        return answer;
    }

    public void refuse(TestPdu command, int status) {
        assertThat(Integer.toHexString(run(command).status())).as("status").isEqualTo(Integer.toHexString(status));
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @Override
    public void close() {
        peer.close();
    }
}
