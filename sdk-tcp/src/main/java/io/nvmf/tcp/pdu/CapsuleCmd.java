package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.HostQueuePairParameters;

/**
 * Command Capsule: a submission queue entry, and data if the command has some that fits (NVMe/TCP Transport
 * Specification, "Command Capsule PDU (CapsuleCmd)").
 */
public final class CapsuleCmd {

    private static final int SQE = 8;

    private CapsuleCmd() {}

    /**
     * Where the submission queue entry is, 64 bytes.
     *
     * @param index where the PDU starts
     * @return index of the entry
     */
    public static int entry(int index) {
        return index + SQE;
    }

    /**
     * How much data the capsule of a command may hold. Fabrics commands may have as much as on the admin queue, because
     * they come before the limit of the queue is known.
     *
     * @param pdu holds the entry
     * @param entry where the entry starts
     * @param agreed the limit of the queue, bytes
     * @return bytes
     */
    public static int maxData(ByteBuf pdu, int entry, int agreed) {
        return SubmissionQueueEntry.opcode(pdu, entry) == FabricsCommandType.FABRICS_OPCODE
                ? Math.max(agreed, HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA)
                : agreed;
    }

    /**
     * Checks the amount of in-capsule data.
     *
     * @param dataLength bytes that the PDU carries
     * @param limit bytes that the capsule of this command may hold
     * @throws ProtocolViolation if it is more
     */
    public static void check(long dataLength, int limit) throws ProtocolViolation {
        if (dataLength > limit) {
            throw ProtocolViolation.limit(dataLength + " bytes of in-capsule data where " + limit + " are allowed");
        }
    }
}
