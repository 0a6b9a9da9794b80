package io.nvmf.tcp.pdu;

/**
 * Response Capsule: a completion queue entry (NVMe/TCP Transport Specification, "Response Capsule PDU (CapsuleResp)").
 * What the entry says is for the host to judge; nothing else is in it.
 */
public final class CapsuleResp {

    private static final int CQE = 8;

    private CapsuleResp() {}

    /**
     * Where the completion queue entry is, 16 bytes.
     *
     * @param index where the PDU starts
     * @return index of the entry
     */
    public static int entry(int index) {
        return index + CQE;
    }
}
