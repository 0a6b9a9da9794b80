package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * The namespace identification descriptor list, CNS 03h (NVMe Base Specification, "Namespace Identification
 * Descriptor").
 *
 * @param eui64 EUI-64 as 16 hexadecimal digits in the order of its bytes
 * @param nguid NGUID as 32 hexadecimal digits in the order of its bytes
 * @param uuid UUID
 * @param commandSetId CSI, {@link IdentifyCommand#CSI_NVM} and so on
 */
public record NamespaceDescriptors(
        Optional<String> eui64, Optional<String> nguid, Optional<UUID> uuid, OptionalInt commandSetId) {
    /** Bytes of the list. */
    public static final int LENGTH = 4096;

    private static final int TYPE_EUI64 = 1;
    private static final int TYPE_NGUID = 2;
    private static final int TYPE_UUID = 3;
    private static final int TYPE_CSI = 4;
    private static final int HEADER = 4;

    /**
     * Reads a list; types that are not known are passed over.
     *
     * @param buffer holds the list
     * @param index absolute index of the list
     * @return what it says
     * @throws SpecificationViolationException if there are fewer than 4096 bytes, a known type has a wrong length or an
     *     identifier reaches beyond the list
     */
    public static NamespaceDescriptors decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Namespace descriptors");
        Optional<String> eui64 = Optional.empty();
        Optional<String> nguid = Optional.empty();
        Optional<UUID> uuid = Optional.empty();
        OptionalInt csi = OptionalInt.empty();
        int offset = 0;
        while (offset <= LENGTH - HEADER) {
            int type = buffer.getUnsignedByte(index + offset);
            int length = buffer.getUnsignedByte(index + offset + 1);
            if (length == 0) {
                break;
            }
            checkLength(type, length, offset);
            int id = index + offset + HEADER;
            switch (type) {
                case TYPE_EUI64 -> eui64 = Optional.of(ByteBufUtil.hexDump(buffer, id, length));
                case TYPE_NGUID -> nguid = Optional.of(ByteBufUtil.hexDump(buffer, id, length));
                case TYPE_UUID -> uuid = Optional.of(new UUID(buffer.getLong(id), buffer.getLong(id + 8)));
                case TYPE_CSI -> csi = OptionalInt.of(buffer.getUnsignedByte(id));
                default -> {
                    // a later revision of the specification
                }
            }
            offset += HEADER + length;
        }
        return new NamespaceDescriptors(eui64, nguid, uuid, csi);
    }

    private static void checkLength(int type, int length, int offset) {
        int expected = switch (type) {
            case TYPE_EUI64 -> 8;
            case TYPE_NGUID, TYPE_UUID -> 16;
            case TYPE_CSI -> 1;
            default -> length;
        };
        if (length != expected) {
            throw new SpecificationViolationException(
                    "NIDL", length, offset + 1, "type " + type + " has " + expected + " bytes");
        }
        if (offset + HEADER + length > LENGTH) {
            throw new SpecificationViolationException("NIDL", length, offset + 1, "reaches beyond the list");
        }
    }

    /**
     * Writes all 4096 bytes.
     *
     * @param buffer receives the list
     * @param index absolute index of the list
     */
    public void encode(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        int at = index;
        if (eui64.isPresent()) {
            at = descriptor(buffer, at, TYPE_EUI64, 8, ByteBufUtil.decodeHexDump(eui64.get()));
        }
        if (nguid.isPresent()) {
            at = descriptor(buffer, at, TYPE_NGUID, 16, ByteBufUtil.decodeHexDump(nguid.get()));
        }
        if (uuid.isPresent()) {
            buffer.setLong(at + HEADER, uuid.get().getMostSignificantBits());
            buffer.setLong(at + HEADER + 8, uuid.get().getLeastSignificantBits());
            at = header(buffer, at, TYPE_UUID, 16);
        }
        if (commandSetId.isPresent()) {
            descriptor(buffer, at, TYPE_CSI, 1, (byte) commandSetId.getAsInt());
        }
    }

    private static int descriptor(ByteBuf buffer, int at, int type, int length, byte... id) {
        Require.range("bytes of the identifier", id.length, length, length);
        buffer.setBytes(at + HEADER, id);
        return header(buffer, at, type, length);
    }

    private static int header(ByteBuf buffer, int at, int type, int length) {
        buffer.setByte(at, type);
        buffer.setByte(at + 1, length);
        return at + HEADER + length;
    }
}
