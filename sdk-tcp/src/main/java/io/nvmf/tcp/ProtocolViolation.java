package io.nvmf.tcp;

/**
 * The peer broke the protocol: what the termination request says (NVMe/TCP section 3.6.2.5, "Fatal Error Status") and a
 * sentence for a person. Never leaves this package.
 */
final class ProtocolViolation extends Exception {

    private static final long serialVersionUID = 1L;

    /** FES: a header field is invalid; FEI is the offset of the lowest bad one. */
    static final int INVALID_HEADER_FIELD = 1;

    /** FES: a PDU came out of sequence. */
    static final int SEQUENCE_ERROR = 2;

    /** FES: the header digest does not match; FEI is the digest received. */
    static final int HEADER_DIGEST_ERROR = 3;

    /** FES: data outside the range of its buffer. */
    static final int DATA_TRANSFER_OUT_OF_RANGE = 4;

    /** FES sent by a host: more R2Ts than MAXR2T allows. The same code sent by a controller: more data than a limit allows. */
    static final int LIMIT_EXCEEDED = 5;

    /** FES: a parameter of the initialisation is not supported; FEI is its offset. */
    static final int UNSUPPORTED_PARAMETER = 6;

    private final int fatalErrorStatus;
    private final long fatalErrorInformation;
    private final boolean answered;

    private ProtocolViolation(int fatalErrorStatus, long fatalErrorInformation, boolean answered, String detail) {
        super(detail, null, false, false);
        this.fatalErrorStatus = fatalErrorStatus;
        this.fatalErrorInformation = fatalErrorInformation;
        this.answered = answered;
    }

    static ProtocolViolation of(int fatalErrorStatus, long fatalErrorInformation, String detail) {
        return new ProtocolViolation(fatalErrorStatus, fatalErrorInformation, true, detail);
    }

    static ProtocolViolation field(int offset, String detail) {
        return of(INVALID_HEADER_FIELD, offset, detail);
    }

    static ProtocolViolation sequence(String detail) {
        return of(SEQUENCE_ERROR, 0, detail);
    }

    static ProtocolViolation range(String detail) {
        return of(DATA_TRANSFER_OUT_OF_RANGE, 0, detail);
    }

    static ProtocolViolation limit(String detail) {
        return of(LIMIT_EXCEEDED, 0, detail);
    }

    /** A broken termination request: the connection is reset without an answer. */
    static ProtocolViolation unanswerable(int offset, String detail) {
        return new ProtocolViolation(INVALID_HEADER_FIELD, offset, false, detail);
    }

    int fatalErrorStatus() {
        return fatalErrorStatus;
    }

    long fatalErrorInformation() {
        return fatalErrorInformation;
    }

    /** Whether a termination request is due. */
    boolean isAnswered() {
        return answered;
    }

    String detail() {
        String detail = getMessage();
        return detail == null ? "" : detail;
    }
}
