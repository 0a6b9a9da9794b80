package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The 1024 bytes of data of a Connect command (NVMe Base Specification, "Connect Command - Data").
 *
 * @param hostId HOSTID, not the nil UUID; in RFC 9562 byte order on the wire
 * @param controllerId CNTLID: {@link #CNTLID_DYNAMIC}, {@link #CNTLID_ANY_STATIC} or a controller
 * @param subsystemNqn SUBNQN
 * @param hostNqn HOSTNQN
 */
public record ConnectData(UUID hostId, int controllerId, String subsystemNqn, String hostNqn) {
    /** Bytes of the structure. */
    public static final int LENGTH = 1024;
    /** Offset of HOSTID, 16 bytes. */
    public static final int HOSTID = 0;
    /** Offset of CNTLID, 2 bytes. */
    public static final int CNTLID = 16;
    /** Offset of SUBNQN, 256 bytes. */
    public static final int SUBNQN = 256;
    /** Offset of HOSTNQN, 256 bytes. */
    public static final int HOSTNQN = 512;
    /** CNTLID that asks the dynamic controller model for any controller. */
    public static final int CNTLID_DYNAMIC = 0xFFFF;
    /** CNTLID that asks the static controller model for any controller. */
    public static final int CNTLID_ANY_STATIC = 0xFFFE;
    /** Highest identifier of a controller. */
    public static final int CNTLID_MAX = 0xFFEF;

    /**
     * Reads the structure.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @return the fields
     * @throws SpecificationViolationException if the data is short, HOSTID is zero or a name is empty, not terminated
     *     or not UTF-8; its offset is what the Invalid Parameter Offset of the response has to say
     */
    public static ConnectData decode(ByteBuf buffer, int index) {
        ConnectData data = decodeAnonymous(buffer, index);
        if (data.hostNqn().isEmpty()) {
            throw new SpecificationViolationException("HOSTNQN", 0, HOSTNQN, "must not be empty");
        }
        return data;
    }

    /**
     * Reads the structure as {@link #decode} does, but takes a host that has no name.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @return the fields; HOSTNQN may be empty
     * @throws SpecificationViolationException for everything else that {@link #decode} refuses
     */
    public static ConnectData decodeAnonymous(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Connect data");
        UUID hostId = new UUID(buffer.getLong(index + HOSTID), buffer.getLong(index + HOSTID + 8));
        if (hostId.getMostSignificantBits() == 0 && hostId.getLeastSignificantBits() == 0) {
            throw new SpecificationViolationException("HOSTID", 0, HOSTID, "must not be zero");
        }
        String subsystemNqn = name(buffer, index, SUBNQN, "SUBNQN");
        if (subsystemNqn.isEmpty()) {
            throw new SpecificationViolationException("SUBNQN", 0, SUBNQN, "must not be empty");
        }
        return new ConnectData(
                hostId,
                buffer.getUnsignedShortLE(index + CNTLID),
                subsystemNqn,
                name(buffer, index, HOSTNQN, "HOSTNQN"));
    }

    /** Strictly UTF-8, so that two names are the same text only if they are the same bytes. */
    private static String name(ByteBuf buffer, int index, int offset, String field) {
        int start = index + offset;
        if (!Wire.isTerminated(buffer, start, Nqn.FIELD_LENGTH)) {
            throw new SpecificationViolationException(field, Nqn.FIELD_LENGTH, offset, "must end with a NUL");
        }
        int length = buffer.indexOf(start, start + Nqn.FIELD_LENGTH, (byte) 0) - start;
        if (!ByteBufUtil.isText(buffer, start, length, StandardCharsets.UTF_8)) {
            throw new SpecificationViolationException(field, length, offset, "must be UTF-8");
        }
        return buffer.toString(start, length, StandardCharsets.UTF_8);
    }

    /**
     * Writes all 1024 bytes.
     *
     * @param buffer receives the data
     * @param index absolute index of the data
     * @throws IllegalArgumentException if a name leaves no room for its NUL or CNTLID is out of range
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("CNTLID", controllerId, 0, 0xFFFF);
        buffer.setZero(index, LENGTH);
        buffer.setLong(index + HOSTID, hostId.getMostSignificantBits());
        buffer.setLong(index + HOSTID + 8, hostId.getLeastSignificantBits());
        buffer.setShortLE(index + CNTLID, controllerId);
        Wire.putPadded(buffer, index + SUBNQN, Nqn.FIELD_LENGTH - 1, subsystemNqn, 0);
        Wire.putPadded(buffer, index + HOSTNQN, Nqn.FIELD_LENGTH - 1, hostNqn, 0);
    }
}
