package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * One entry of the Discovery log page, 70h (NVMe Base Specification, "Discovery Log Page Entry").
 *
 * @param transportType TRTYPE, see {@link TransportType}
 * @param addressFamily ADRFAM, see {@link AddressFamily}
 * @param subsystemType SUBTYPE, see {@link SubsystemType}
 * @param transportRequirements TREQ: bits 1:0 secure channel ({@link #TREQ_SECURE_CHANNEL_REQUIRED}), bit 2 SQ flow
 *     control may be off
 * @param portId PORTID
 * @param controllerId CNTLID, as in {@link ConnectData}
 * @param adminMaxSqSize ASQSZ, most entries of the admin submission queue
 * @param entryFlags EFLAGS: bit 0 same content as this port, bit 1 persistent connections are supported, bit 2 no
 *     connectivity to CDC
 * @param transportServiceId TRSVCID, such as a port number, without padding
 * @param subsystemNqn SUBNQN
 * @param transportAddress TRADDR, without padding
 * @param transportSpecific TSAS
 */
public record DiscoveryLogEntry(
        int transportType,
        int addressFamily,
        int subsystemType,
        int transportRequirements,
        int portId,
        int controllerId,
        int adminMaxSqSize,
        int entryFlags,
        String transportServiceId,
        String subsystemNqn,
        String transportAddress,
        TransportSpecific transportSpecific) {
    /** Bytes of an entry. */
    public static final int LENGTH = 1024;
    /** TREQ bits 1:0: a secure channel is required. */
    public static final int TREQ_SECURE_CHANNEL_REQUIRED = 1;
    /** TREQ bits 1:0: a secure channel is not required. */
    public static final int TREQ_SECURE_CHANNEL_NOT_REQUIRED = 2;
    /** TREQ bit: the controller can turn SQ flow control off. */
    public static final int TREQ_DISABLE_SQ_FLOW_CONTROL = 1 << 2;

    private static final int TRSVCID = 32;
    private static final int TRSVCID_LENGTH = 32;
    private static final int SUBNQN = 256;
    private static final int TRADDR = 512;
    private static final int TRADDR_LENGTH = 256;
    private static final int TSAS = 768;

    /** TSAS, whose meaning depends on the transport type. */
    public sealed interface TransportSpecific {}

    /**
     * TSAS of TCP.
     *
     * @param securityType SECTYPE, {@link #NONE} and so on
     */
    public record Tcp(int securityType) implements TransportSpecific {
        /** SECTYPE: no transport security. */
        public static final int NONE = 0;
        /** SECTYPE: TLS 1.2. */
        public static final int TLS_1_2 = 1;
        /** SECTYPE: TLS 1.3. */
        public static final int TLS_1_3 = 2;
    }

    /**
     * TSAS of RDMA.
     *
     * @param queuePairType QPTYPE: 1 reliable connected
     * @param providerType PRTYPE: 1 none, 2 InfiniBand, 3 RoCE, 4 RoCE v2, 5 iWARP
     * @param connectionManagement CMS: 1 RDMA_CM
     * @param partitionKey PKEY
     */
    public record Rdma(int queuePairType, int providerType, int connectionManagement, int partitionKey)
            implements TransportSpecific {}

    /** TSAS of transports that define none. */
    public record None() implements TransportSpecific {}

    /**
     * Reads an entry.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the entry; NULs and spaces that pad its strings are gone
     * @throws SpecificationViolationException if there are fewer than 1024 bytes
     */
    public static DiscoveryLogEntry decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Discovery log entry");
        int transportType = buffer.getUnsignedByte(index);
        return new DiscoveryLogEntry(
                transportType,
                buffer.getUnsignedByte(index + 1),
                buffer.getUnsignedByte(index + 2),
                buffer.getUnsignedByte(index + 3),
                buffer.getUnsignedShortLE(index + 4),
                buffer.getUnsignedShortLE(index + 6),
                buffer.getUnsignedShortLE(index + 8),
                buffer.getUnsignedShortLE(index + 10),
                Wire.trimmedAscii(buffer, index + TRSVCID, TRSVCID_LENGTH),
                Wire.trimmedAscii(buffer, index + SUBNQN, Nqn.FIELD_LENGTH),
                Wire.trimmedAscii(buffer, index + TRADDR, TRADDR_LENGTH),
                transportSpecific(transportType, buffer, index + TSAS));
    }

    private static TransportSpecific transportSpecific(int transportType, ByteBuf buffer, int at) {
        if (transportType == TransportType.TCP.value()) {
            return new Tcp(buffer.getUnsignedByte(at));
        }
        if (transportType == TransportType.RDMA.value()) {
            return new Rdma(
                    buffer.getUnsignedByte(at),
                    buffer.getUnsignedByte(at + 1),
                    buffer.getUnsignedByte(at + 2),
                    buffer.getUnsignedShortLE(at + 8));
        }
        return new None();
    }

    /**
     * Writes all 1024 bytes; addresses are padded with spaces.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @throws IllegalArgumentException if a string does not fit
     */
    public void encode(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        buffer.setByte(index, transportType);
        buffer.setByte(index + 1, addressFamily);
        buffer.setByte(index + 2, subsystemType);
        buffer.setByte(index + 3, transportRequirements);
        buffer.setShortLE(index + 4, portId);
        buffer.setShortLE(index + 6, controllerId);
        buffer.setShortLE(index + 8, adminMaxSqSize);
        buffer.setShortLE(index + 10, entryFlags);
        Wire.putPadded(buffer, index + TRSVCID, TRSVCID_LENGTH, transportServiceId, ' ');
        Wire.putPadded(buffer, index + SUBNQN, Nqn.FIELD_LENGTH - 1, subsystemNqn, 0);
        Wire.putPadded(buffer, index + TRADDR, TRADDR_LENGTH, transportAddress, ' ');
        if (transportSpecific instanceof Tcp tcp) {
            buffer.setByte(index + TSAS, tcp.securityType());
        } else if (transportSpecific instanceof Rdma rdma) {
            buffer.setByte(index + TSAS, rdma.queuePairType());
            buffer.setByte(index + TSAS + 1, rdma.providerType());
            buffer.setByte(index + TSAS + 2, rdma.connectionManagement());
            buffer.setShortLE(index + TSAS + 8, rdma.partitionKey());
        }
    }

    /** {@return TRTYPE by name, empty for values without one} */
    public Optional<TransportType> transport() {
        return TransportType.find(transportType);
    }

    /** {@return whether the host has to set up a secure channel} */
    public boolean secureChannelRequired() {
        return (transportRequirements & 3) == TREQ_SECURE_CHANNEL_REQUIRED;
    }
}
