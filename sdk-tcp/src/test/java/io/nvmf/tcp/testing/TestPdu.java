package io.nvmf.tcp.testing;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32C;

/**
 * A PDU as a test writes it down: a common header that fits the rest unless the test says otherwise, fields by offset,
 * digests, padding. Knows the specification on its own account, so that an error in the code under test does not cancel
 * out.
 */
public final class TestPdu {

    public static final int LAST = 4;
    public static final int SUCCESS = 8;

    private final byte[] header;
    private int flags;
    private int hlen;
    private int pdo = -1;
    private long plen = -1;
    private byte[] data = new byte[0];
    private boolean headerDigest;
    private boolean dataDigest;
    private boolean headerDamaged;
    private boolean dataDamaged;
    private int alignment = 4;
    private boolean exactFlags;

    private TestPdu(int type, int headerLength) {
        header = new byte[headerLength];
        header[0] = (byte) type;
        hlen = headerLength;
    }

    public static TestPdu of(int type, int headerLength) {
        return new TestPdu(type, headerLength);
    }

    public static TestPdu icReq(int hpda, int dgst, long maxR2t) {
        return of(0x00, 128).u8(10, hpda).u8(11, dgst).u32(12, maxR2t);
    }

    public static TestPdu icResp(int cpda, int dgst, long maxH2CData) {
        return of(0x01, 128).u8(10, cpda).u8(11, dgst).u32(12, maxH2CData);
    }

    /** With SGL 5Ah of a length; in-capsule data is added with {@link #inCapsule}. */
    public static TestPdu capsuleCmd(int opcode, int commandId, long dataLength) {
        return of(0x04, 72)
                .u8(8, opcode)
                .u8(9, 0x40)
                .u16(10, commandId)
                .u32(8 + 32, dataLength)
                .u8(8 + 39, 0x5A);
    }

    public TestPdu inCapsule(byte[] bytes) {
        return u32(8 + 32, bytes.length).u8(8 + 39, 0x01).data(bytes);
    }

    public static TestPdu capsuleResp(int commandId, int status) {
        return of(0x05, 24).u16(8 + 12, commandId).u16(8 + 14, status);
    }

    public static TestPdu h2cData(int commandId, int tag, long offset, byte[] bytes, int flags) {
        return of(0x06, 24)
                .u16(8, commandId)
                .u16(10, tag)
                .u32(12, offset)
                .u32(16, bytes.length)
                .data(bytes)
                .flags(flags);
    }

    public static TestPdu c2hData(int commandId, long offset, byte[] bytes, int flags) {
        return of(0x07, 24)
                .u16(8, commandId)
                .u32(12, offset)
                .u32(16, bytes.length)
                .data(bytes)
                .flags(flags);
    }

    public static TestPdu r2t(int commandId, int tag, long offset, long length) {
        return of(0x09, 24).u16(8, commandId).u16(10, tag).u32(12, offset).u32(16, length);
    }

    /** A termination request; the offending header is its "data", without PDO. */
    public static TestPdu termReq(int type, int fes, long fei, byte[] offending) {
        return of(type, 24).u16(8, fes).u32(10, fei).data(offending).pdo(0);
    }

    public TestPdu u8(int offset, int value) {
        header[offset] = (byte) value;
        return this;
    }

    public TestPdu u16(int offset, int value) {
        return u8(offset, value).u8(offset + 1, value >> 8);
    }

    public TestPdu u32(int offset, long value) {
        return u16(offset, (int) value).u16(offset + 2, (int) (value >> 16));
    }

    public TestPdu flags(int value) {
        flags = value;
        return this;
    }

    /** Flags as they are to be on the wire, digest bits included. */
    public TestPdu exactFlags(int value) {
        exactFlags = true;
        return flags(value);
    }

    public TestPdu hlen(int value) {
        hlen = value;
        return this;
    }

    public TestPdu pdo(int value) {
        pdo = value;
        return this;
    }

    public TestPdu plen(long value) {
        plen = value;
        return this;
    }

    public TestPdu data(byte[] bytes) {
        data = bytes;
        return this;
    }

    /** Digests and alignment as a connection has agreed. */
    public TestPdu agreed(boolean withHeaderDigest, boolean withDataDigest, int receiversAlignment) {
        headerDigest = withHeaderDigest;
        dataDigest = withDataDigest && data.length > 0;
        alignment = receiversAlignment;
        return this;
    }

    public TestPdu damageHeader() {
        headerDamaged = true;
        return this;
    }

    public TestPdu damageData() {
        dataDamaged = true;
        return this;
    }

    /** The first bytes of the PDU, without digest. */
    public byte[] header() {
        byte[] all = bytes();
        return java.util.Arrays.copyOf(all, Math.min(header.length, all.length));
    }

    public byte[] bytes() {
        int fullHeader = header.length + (headerDigest ? 4 : 0);
        boolean termReq = header[0] == 2 || header[0] == 3;
        int dataAt = fullHeader;
        if (data.length > 0 && !termReq) {
            dataAt = (fullHeader + alignment - 1) / alignment * alignment;
        }
        int length = data.length == 0 ? fullHeader : dataAt + data.length + (dataDigest ? 4 : 0);
        byte[] head = header.clone();
        head[1] = (byte) (exactFlags ? flags : flags | (headerDigest ? 1 : 0) | (dataDigest ? 2 : 0));
        head[2] = (byte) hlen;
        head[3] = (byte) (pdo >= 0 ? pdo : data.length > 0 ? dataAt : 0);
        long shown = plen >= 0 ? plen : length;
        for (int i = 0; i < 4; i++) {
            head[4 + i] = (byte) (shown >>> 8 * i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head);
        if (headerDigest) {
            out.writeBytes(littleEndian(crc(head) ^ (headerDamaged ? 1 : 0)));
        }
        if (data.length > 0) {
            out.writeBytes(new byte[dataAt - fullHeader]);
            out.writeBytes(data);
            if (dataDigest) {
                out.writeBytes(littleEndian(crc(data) ^ (dataDamaged ? 1 : 0)));
            }
        }
        return out.toByteArray();
    }

    /** The header digest that {@link #bytes} contains. */
    public long headerDigestOnWire() {
        byte[] all = bytes();
        int at = header.length;
        return (all[at] & 0xFFL)
                | (all[at + 1] & 0xFFL) << 8
                | (all[at + 2] & 0xFFL) << 16
                | (all[at + 3] & 0xFFL) << 24;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }
}
