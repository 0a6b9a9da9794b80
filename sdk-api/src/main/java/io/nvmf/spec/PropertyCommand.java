package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * Property Get and Property Set (NVMe Base Specification, "Property Get Command", "Property Set Command").
 *
 * @param set whether this is Property Set
 * @param size bytes to move, 4 or 8; 0 for the reserved values of ATTRIB
 * @param offset OFST, byte offset of the property, unsigned
 * @param value value to set; 0 for Property Get
 */
public record PropertyCommand(boolean set, int size, int offset, long value) {
    private static final int ATTRIB = 40;
    private static final int OFST = 44;
    private static final int VALUE = 48;

    /**
     * Property Get.
     *
     * @param property property to read
     * @return the command; its response has the value in dwords 0 and 1
     */
    public static PropertyCommand get(Property property) {
        return new PropertyCommand(false, property.size(), property.offset(), 0);
    }

    /**
     * Property Set.
     *
     * @param property property to write
     * @param value the value; of a 4-byte property only the low 4 bytes count
     * @return the command
     */
    public static PropertyCommand set(Property property, long value) {
        return new PropertyCommand(true, property.size(), property.offset(), value);
    }

    /**
     * Reads a Property Get or Property Set entry.
     *
     * @param buffer holds the entry, whose FCTYPE is one of the two
     * @param index absolute index of the entry
     * @return the fields
     */
    public static PropertyCommand decode(ByteBuf buffer, int index) {
        boolean set = SubmissionQueueEntry.fabricsCommandType(buffer, index) == FabricsCommandType.PROPERTY_SET;
        int size = switch (buffer.getByte(index + ATTRIB) & 7) {
            case 0 -> 4;
            case 1 -> 8;
            default -> 0;
        };
        long value = 0;
        if (set) {
            value = size == 8 ? buffer.getLongLE(index + VALUE) : buffer.getUnsignedIntLE(index + VALUE);
        }
        return new PropertyCommand(set, size, buffer.getIntLE(index + OFST), value);
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public void encode(ByteBuf buffer, int index) {
        int type = set ? FabricsCommandType.PROPERTY_SET : FabricsCommandType.PROPERTY_GET;
        SubmissionQueueEntry.start(buffer, index, FabricsCommandType.FABRICS_OPCODE, type);
        buffer.setByte(index + ATTRIB, size == 8 ? 1 : 0);
        buffer.setIntLE(index + OFST, offset);
        if (set) {
            buffer.setLongLE(index + VALUE, size == 8 ? value : value & 0xFFFF_FFFFL);
        }
    }

    /**
     * The value a Property Get response carries.
     *
     * @param dw0 dword 0 of the completion
     * @param dw1 dword 1 of the completion
     * @return the 64-bit value
     */
    public static long value(int dw0, int dw1) {
        return (long) dw1 << 32 | (dw0 & 0xFFFF_FFFFL);
    }
}
