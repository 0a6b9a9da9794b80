package io.nvmf.tcp.pdu;

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
