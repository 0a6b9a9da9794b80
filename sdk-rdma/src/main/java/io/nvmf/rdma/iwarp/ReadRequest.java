package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;

/**
 * What an RDMA Read Request asks for (RFC 5040 section 4.4).
 *
 * @param sinkKey of the memory at the requester; sent back as it came
 * @param sinkOffset in that memory; sent back as it came
 * @param length bytes, unsigned 32 bits
 * @param sourceKey of the memory that is read
 * @param sourceOffset in that memory
 */
record ReadRequest(int sinkKey, long sinkOffset, long length, int sourceKey, long sourceOffset) {

    /** Bytes of the payload. */
    static final int LENGTH = 28;

    static ReadRequest decode(ByteBuf in, int index) {
        return new ReadRequest(
                in.getInt(index),
                in.getLong(index + 4),
                in.getUnsignedInt(index + 12),
                in.getInt(index + 16),
                in.getLong(index + 20));
    }

    void encode(ByteBuf out) {
        out.writeInt(sinkKey).writeLong(sinkOffset).writeInt((int) length);
        out.writeInt(sourceKey).writeLong(sourceOffset);
    }
}
