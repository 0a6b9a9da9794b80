package io.nvmf.spec;

/**
 * Dword 0 of a successful Connect response (NVMe Base Specification, "Connect Response").
 *
 * @param controllerId CNTLID of the controller the host is now associated with
 * @param authenticationRequired ATR, bit 17: an authentication transaction has to follow
 * @param secureChannelRequired ASCR, bit 18: that transaction has to set up a secure channel
 */
public record ConnectResponse(int controllerId, boolean authenticationRequired, boolean secureChannelRequired) {
    private static final int ATR = 1 << 17;
    private static final int ASCR = 1 << 18;

    /**
     * Reads dword 0.
     *
     * @param dw0 dword 0 of a completion with success status
     * @return the fields
     */
    public static ConnectResponse decode(int dw0) {
        return new ConnectResponse(dw0 & 0xFFFF, (dw0 & ATR) != 0, (dw0 & ASCR) != 0);
    }

    /** {@return dword 0} */
    public int encode() {
        return (controllerId & 0xFFFF) | (authenticationRequired ? ATR : 0) | (secureChannelRequired ? ASCR : 0);
    }

    /**
     * Dword 0 of a response with Connect Invalid Parameters.
     *
     * @param offset IPO, byte offset of the parameter
     * @param inData IATTR bit 0: whether the offset counts in the data and not in the submission queue entry
     */
    public record InvalidParameter(int offset, boolean inData) {
        /**
         * Reads dword 0.
         *
         * @param dw0 dword 0 of a completion with status 1/82h
         * @return the fields
         */
        public static InvalidParameter decode(int dw0) {
            return new InvalidParameter(dw0 & 0xFFFF, (dw0 >>> 16 & 1) != 0);
        }

        /** {@return dword 0} */
        public int encode() {
            return (offset & 0xFFFF) | (inData ? 1 << 16 : 0);
        }
    }
}
