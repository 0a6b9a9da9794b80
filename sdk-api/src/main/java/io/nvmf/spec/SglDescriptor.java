package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * Encodes and decodes the 16-byte SGL descriptor in place (NVMe Base Specification, "Scatter Gather List").
 *
 * <p>Lengths are unsigned 32-bit values and travel as {@code long}.
 */
public final class SglDescriptor {
    /** Bytes of a descriptor. */
    public static final int LENGTH = 16;
    /** Offset of the address, or of the offset in the capsule. */
    public static final int ADDRESS = 0;
    /** Offset of the length, 4 bytes (3 in a keyed descriptor). */
    public static final int DATA_LENGTH = 8;
    /** Offset of the key of a keyed descriptor, 4 bytes. */
    public static final int KEY = 11;
    /** Offset of the identifier byte: type in bits 7:4, subtype in bits 3:0. */
    public static final int IDENTIFIER = 15;

    /** Type: data block. */
    public static final int TYPE_DATA_BLOCK = 0x0;
    /** Type: bit bucket. */
    public static final int TYPE_BIT_BUCKET = 0x1;
    /** Type: segment. */
    public static final int TYPE_SEGMENT = 0x2;
    /** Type: last segment. */
    public static final int TYPE_LAST_SEGMENT = 0x3;
    /** Type: keyed data block. */
    public static final int TYPE_KEYED_DATA_BLOCK = 0x4;
    /** Type: transport data block. */
    public static final int TYPE_TRANSPORT_DATA_BLOCK = 0x5;

    /** Subtype: address in memory. */
    public static final int SUBTYPE_ADDRESS = 0x0;
    /** Subtype: offset in the capsule. */
    public static final int SUBTYPE_OFFSET = 0x1;
    /** Subtype: meaning defined by the transport. */
    public static final int SUBTYPE_TRANSPORT = 0xA;
    /** Subtype of a keyed data block: the controller invalidates the key with its response. */
    public static final int SUBTYPE_INVALIDATE_KEY = 0xF;

    /** Identifier byte of in-capsule data: data block, offset. */
    public static final int DATA_BLOCK_OFFSET = 0x01;
    /** Identifier byte of data the transport moves: transport data block, transport specific. */
    public static final int TRANSPORT_DATA_BLOCK = 0x5A;
    /** Identifier byte of a keyed data block. */
    public static final int KEYED_DATA_BLOCK = 0x40;
    /** Identifier byte of a keyed data block whose key the controller invalidates. */
    public static final int KEYED_DATA_BLOCK_INVALIDATE = 0x4F;

    private static final long MAX_LENGTH = 0xFFFF_FFFFL;
    private static final long MAX_KEYED_LENGTH = 0xFF_FFFFL;

    private SglDescriptor() {}

    /**
     * Writes a descriptor for in-capsule data at offset 0 (identifier 01h).
     *
     * @param buffer receives the descriptor
     * @param index absolute index of the descriptor
     * @param length bytes of data, 0..2^32-1
     */
    public static void dataBlockOffset(ByteBuf buffer, int index, long length) {
        dataBlockOffset(buffer, index, 0, length);
    }

    /**
     * Writes a descriptor for in-capsule data (identifier 01h).
     *
     * @param buffer receives the descriptor
     * @param index absolute index of the descriptor
     * @param offset where in the capsule the data starts, from the in-capsule data offset
     * @param length bytes of data, 0..2^32-1
     */
    public static void dataBlockOffset(ByteBuf buffer, int index, long offset, long length) {
        encode(buffer, index, DATA_BLOCK_OFFSET, offset, length);
    }

    /**
     * Writes a descriptor for data that the transport moves, or for no data (identifier 5Ah).
     *
     * @param buffer receives the descriptor
     * @param index absolute index of the descriptor
     * @param length bytes of data, 0..2^32-1
     */
    public static void transportDataBlock(ByteBuf buffer, int index, long length) {
        encode(buffer, index, TRANSPORT_DATA_BLOCK, 0, length);
    }

    /**
     * Writes a keyed data block (identifier 40h, or 4Fh to have the key invalidated).
     *
     * @param buffer receives the descriptor
     * @param index absolute index of the descriptor
     * @param address remote address
     * @param length bytes of data, 0..2^24-1
     * @param key remote key
     * @param invalidate whether the controller invalidates the key with its response
     */
    public static void keyedDataBlock(
            ByteBuf buffer, int index, long address, long length, int key, boolean invalidate) {
        Require.range("length", length, 0, MAX_KEYED_LENGTH);
        buffer.setLongLE(index + ADDRESS, address);
        buffer.setMediumLE(index + DATA_LENGTH, (int) length);
        buffer.setIntLE(index + KEY, key);
        buffer.setByte(index + IDENTIFIER, invalidate ? KEYED_DATA_BLOCK_INVALIDATE : KEYED_DATA_BLOCK);
    }

    /**
     * Writes a descriptor that has no key.
     *
     * @param buffer receives the descriptor
     * @param index absolute index of the descriptor
     * @param identifier type and subtype, 0..255
     * @param address address or offset
     * @param length bytes of data, 0..2^32-1
     */
    public static void encode(ByteBuf buffer, int index, int identifier, long address, long length) {
        Require.range("length", length, 0, MAX_LENGTH);
        buffer.setLongLE(index + ADDRESS, address);
        buffer.setIntLE(index + DATA_LENGTH, (int) length);
        buffer.setIntLE(index + DATA_LENGTH + 4, identifier << 24);
    }

    /**
     * Reads type and subtype in one.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return the identifier byte, 0..255
     */
    public static int identifier(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + IDENTIFIER);
    }

    /**
     * Reads the type.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return 0..15
     */
    public static int type(ByteBuf buffer, int index) {
        return identifier(buffer, index) >>> 4;
    }

    /**
     * Reads the subtype.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return 0..15
     */
    public static int subtype(ByteBuf buffer, int index) {
        return identifier(buffer, index) & 0xF;
    }

    /**
     * Reads the address, or the offset in the capsule.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return the address, unsigned
     */
    public static long address(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + ADDRESS);
    }

    /**
     * Reads the length: 24 bits of a keyed data block, 32 bits of all others.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return bytes, 0..2^32-1
     */
    public static long length(ByteBuf buffer, int index) {
        return type(buffer, index) == TYPE_KEYED_DATA_BLOCK
                ? buffer.getUnsignedMediumLE(index + DATA_LENGTH)
                : buffer.getUnsignedIntLE(index + DATA_LENGTH);
    }

    /**
     * Reads the key of a keyed data block.
     *
     * @param buffer holds the descriptor
     * @param index absolute index of the descriptor
     * @return the remote key
     */
    public static int key(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + KEY);
    }
}
