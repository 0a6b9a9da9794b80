package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The Identify command (NVMe Base Specification, "Identify command"); its data has 4096 bytes.
 *
 * @param cns CNS, one of the constants here
 * @param nsid namespace identifier, or where a list starts, 0 if unused
 * @param controllerId CNTID, 0 if unused
 * @param cnsSpecificId CNS specific identifier, 0 if unused
 * @param commandSetId CSI, one of the {@code CSI_*} constants
 */
public record IdentifyCommand(int cns, int nsid, int controllerId, int cnsSpecificId, int commandSetId) {
    /** Bytes of every Identify data structure. */
    public static final int DATA_LENGTH = 4096;
    /** CNS: {@link IdentifyNamespace}. */
    public static final int CNS_NAMESPACE = 0x00;
    /** CNS: {@link IdentifyController}. */
    public static final int CNS_CONTROLLER = 0x01;
    /** CNS: active namespaces above NSID, {@link NamespaceList}. */
    public static final int CNS_ACTIVE_NAMESPACES = 0x02;
    /** CNS: {@link NamespaceDescriptors}. */
    public static final int CNS_NAMESPACE_DESCRIPTORS = 0x03;
    /** CNS: namespace, specific to an I/O command set. */
    public static final int CNS_CSI_NAMESPACE = 0x05;
    /** CNS: controller, specific to an I/O command set. */
    public static final int CNS_CSI_CONTROLLER = 0x06;
    /** CNS: active namespaces of an I/O command set. */
    public static final int CNS_CSI_ACTIVE_NAMESPACES = 0x07;
    /** CNS: namespace, independent of the I/O command set. */
    public static final int CNS_INDEPENDENT_NAMESPACE = 0x08;
    /** CNS: allocated namespaces above NSID, {@link NamespaceList}. */
    public static final int CNS_ALLOCATED_NAMESPACES = 0x10;
    /** CNS: allocated namespace. */
    public static final int CNS_ALLOCATED_NAMESPACE = 0x11;
    /** CNS: controllers a namespace is attached to, {@link ControllerList}. */
    public static final int CNS_NAMESPACE_CONTROLLERS = 0x12;
    /** CNS: controllers of the subsystem, {@link ControllerList}. */
    public static final int CNS_CONTROLLERS = 0x13;
    /** CNS: combinations of I/O command sets. */
    public static final int CNS_IO_COMMAND_SETS = 0x1C;
    /** CSI: NVM command set. */
    public static final int CSI_NVM = 0;
    /** CSI: key value command set. */
    public static final int CSI_KV = 1;
    /** CSI: zoned namespace command set. */
    public static final int CSI_ZNS = 2;

    /**
     * Identify with a CNS and a namespace only.
     *
     * @param cns CNS
     * @param nsid namespace identifier
     */
    public IdentifyCommand(int cns, int nsid) {
        this(cns, nsid, 0, 0, 0);
    }

    /**
     * Reads the fields.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the fields
     */
    public static IdentifyCommand decode(ByteBuf buffer, int index) {
        int cdw10 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW10);
        int cdw11 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW11);
        return new IdentifyCommand(
                cdw10 & 0xFF, SubmissionQueueEntry.nsid(buffer, index), cdw10 >>> 16, cdw11 & 0xFFFF, cdw11 >>> 24);
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("CNS", cns, 0, 0xFF);
        Require.range("CNTID", controllerId, 0, 0xFFFF);
        Require.range("CNS specific identifier", cnsSpecificId, 0, 0xFFFF);
        Require.range("CSI", commandSetId, 0, 0xFF);
        SubmissionQueueEntry.start(buffer, index, AdminOpcode.IDENTIFY, nsid);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW10, cns | controllerId << 16);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW11, cnsSpecificId | commandSetId << 24);
    }
}
