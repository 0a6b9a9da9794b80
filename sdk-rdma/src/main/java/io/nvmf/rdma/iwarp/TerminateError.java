package io.nvmf.rdma.iwarp;

import org.jspecify.annotations.Nullable;

/** What a Terminate message can say (RFC 5040 section 4.8, RFC 5041 section 8.2, RFC 5044 section 8 and RFC 6581). */
enum TerminateError {
    RDMAP_LOCAL(0, 0, 0, "local catastrophic error"),
    RDMAP_INVALID_STAG(0, 1, 0, "invalid STag"),
    RDMAP_BOUNDS(0, 1, 1, "base or bounds violation"),
    RDMAP_ACCESS(0, 1, 2, "access violation"),
    RDMAP_NOT_ASSOCIATED(0, 1, 3, "STag of another stream"),
    RDMAP_WRAP(0, 1, 4, "tagged offset wraps"),
    RDMAP_PROTECTED(0, 1, 9, "STag cannot be invalidated"),
    RDMAP_PROTECTION(0, 1, 0xFF, "protection error"),
    RDMAP_VERSION(0, 2, 5, "invalid RDMAP version"),
    RDMAP_OPCODE(0, 2, 6, "unexpected opcode"),
    RDMAP_STREAM(0, 2, 7, "catastrophic error of the stream"),
    RDMAP_GLOBAL(0, 2, 8, "catastrophic error of the device"),
    RDMAP_CANNOT_INVALIDATE(0, 2, 9, "STag cannot be invalidated"),
    RDMAP_OPERATION(0, 2, 0xFF, "operation error"),
    DDP_LOCAL(1, 0, 0, "local catastrophic error"),
    TAGGED_INVALID_STAG(1, 1, 0, "invalid STag"),
    TAGGED_BOUNDS(1, 1, 1, "base or bounds violation"),
    TAGGED_NOT_ASSOCIATED(1, 1, 2, "STag of another stream"),
    TAGGED_WRAP(1, 1, 3, "tagged offset wraps"),
    TAGGED_VERSION(1, 1, 4, "invalid DDP version"),
    UNTAGGED_QN(1, 2, 1, "invalid queue number"),
    UNTAGGED_NO_BUFFER(1, 2, 2, "no buffer"),
    UNTAGGED_MSN(1, 2, 3, "message sequence number out of range"),
    UNTAGGED_MO(1, 2, 4, "invalid message offset"),
    UNTAGGED_TOO_LONG(1, 2, 5, "message too long"),
    UNTAGGED_VERSION(1, 2, 6, "invalid DDP version"),
    MPA_TCP_LOST(2, 0, 1, "TCP connection lost"),
    MPA_CRC(2, 0, 2, "CRC error"),
    MPA_FRAMING(2, 0, 3, "markers and FPDUs do not match"),
    MPA_FRAME(2, 0, 4, "invalid request or reply frame"),
    MPA_LOCAL(2, 0, 5, "local catastrophic error"),
    MPA_READS(2, 0, 6, "not enough inbound reads"),
    MPA_READY(2, 0, 7, "no ready-to-receive message in common");

    private static final TerminateError[] ALL = values();

    private final int layer;
    private final int type;
    private final int code;
    private final String text;

    TerminateError(int layer, int type, int code, String text) {
        this.layer = layer;
        this.type = type;
        this.code = code;
        this.text = text;
    }

    int layer() {
        return layer;
    }

    int type() {
        return type;
    }

    int errorCode() {
        return code;
    }

    /** Layer, type and code in the low three bytes. */
    int code() {
        return code(layer, type, code);
    }

    static int code(int layer, int type, int errorCode) {
        return layer << 16 | type << 8 | errorCode;
    }

    /** Null for what no RFC names. */
    static @Nullable TerminateError of(int layer, int type, int errorCode) {
        for (TerminateError error : ALL) {
            if (error.layer == layer && error.type == type && error.code == errorCode) {
                return error;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        String where = layer == 0 ? "RDMAP" : layer == 1 ? "DDP" : "MPA";
        return where + ' ' + text;
    }
}
