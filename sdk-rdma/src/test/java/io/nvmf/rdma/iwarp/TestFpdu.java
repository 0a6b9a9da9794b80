package io.nvmf.rdma.iwarp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** FPDUs made by hand, from the tables of the RFCs and not from the code under test. */
final class TestFpdu {

    static final int LAST = 0x40;

    private TestFpdu() {}

    /** Any DDP segment as an FPDU with a right check sum. */
    static byte[] of(byte[] segment) {
        int padding = -(segment.length + 2) & 3;
        ByteBuffer fpdu = ByteBuffer.allocate(2 + segment.length + padding + 4);
        fpdu.putShort((short) segment.length).put(segment);
        CRC32C crc = new CRC32C();
        crc.update(fpdu.array(), 0, fpdu.capacity() - 4);
        fpdu.position(fpdu.capacity() - 4);
        fpdu.putInt(Integer.reverseBytes((int) crc.getValue()));
        return fpdu.array();
    }

    static byte[] tagged(int opcode, boolean last, int stag, long offset, byte[] payload) {
        ByteBuffer segment = ByteBuffer.allocate(14 + payload.length);
        segment.put((byte) (0x81 | (last ? LAST : 0))).put((byte) (0x40 | opcode));
        segment.putInt(stag).putLong(offset).put(payload);
        return of(segment.array());
    }

    static byte[] untagged(
            int opcode, boolean last, int invalidate, int queue, int sequence, int offset, byte[] payload) {
        ByteBuffer segment = ByteBuffer.allocate(18 + payload.length);
        segment.put((byte) (0x01 | (last ? LAST : 0))).put((byte) (0x40 | opcode));
        segment.putInt(invalidate).putInt(queue).putInt(sequence).putInt(offset).put(payload);
        return of(segment.array());
    }

    static byte[] write(int stag, long offset, byte[] payload) {
        return tagged(0, true, stag, offset, payload);
    }

    static byte[] readResponse(boolean last, int stag, long offset, byte[] payload) {
        return tagged(2, last, stag, offset, payload);
    }

    static byte[] send(int sequence, byte[] payload) {
        return untagged(3, true, 0, 0, sequence, 0, payload);
    }

    static byte[] sendInvalidate(int sequence, int stag, byte[] payload) {
        return untagged(4, true, stag, 0, sequence, 0, payload);
    }

    static byte[] readPayload(int sinkKey, long sinkOffset, int length, int sourceKey, long sourceOffset) {
        return ByteBuffer.allocate(28)
                .putInt(sinkKey)
                .putLong(sinkOffset)
                .putInt(length)
                .putInt(sourceKey)
                .putLong(sourceOffset)
                .array();
    }

    static byte[] readRequest(
            int sequence, int sinkKey, long sinkOffset, int length, int sourceKey, long sourceOffset) {
        return untagged(1, true, 0, 1, sequence, 0, readPayload(sinkKey, sinkOffset, length, sourceKey, sourceOffset));
    }

    static byte[] terminate(int layerAndType, int code, int flags) {
        return untagged(7, true, 0, 2, 1, 0, new byte[] {(byte) layerAndType, (byte) code, (byte) flags, 0});
    }

    /** The Terminate that answers an FPDU, with its DDP header, and the request if it was to read. */
    static byte[] terminateFor(TerminateError error, byte[] fpdu, boolean withRead) {
        int header = (fpdu[2] & 0x80) != 0 ? 16 : 20;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.write(error.layer() << 4 | error.type());
        payload.write(error.errorCode());
        payload.write(withRead ? 0xE0 : 0xC0);
        payload.write(0);
        payload.write(fpdu, 0, header + (withRead ? 28 : 0));
        return untagged(7, true, 0, 2, 1, 0, payload.toByteArray());
    }

    /** The Terminate that says nothing of a segment. */
    static byte[] terminateAlone(TerminateError error) {
        return terminate(error.layer() << 4 | error.type(), error.errorCode(), 0);
    }

    /** With other bytes at an offset from the start of the FPDU, and the check sum made right again. */
    static byte[] changed(byte[] fpdu, int offset, int... bytes) {
        byte[] segment = Arrays.copyOfRange(fpdu, 2, 2 + length(fpdu));
        for (int i = 0; i < bytes.length; i++) {
            segment[offset - 2 + i] = (byte) bytes[i];
        }
        return of(segment);
    }

    static int length(byte[] fpdu) {
        return (fpdu[0] & 0xFF) << 8 | fpdu[1] & 0xFF;
    }

    /** Without its check sum, as where none was agreed on. */
    static byte[] unchecked(byte[] fpdu) {
        byte[] copy = fpdu.clone();
        Arrays.fill(copy, copy.length - 4, copy.length, (byte) 0);
        return copy;
    }

    static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) + seed);
        }
        return bytes;
    }
}
