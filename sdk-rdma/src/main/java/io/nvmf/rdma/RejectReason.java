package io.nvmf.rdma;

import org.jspecify.annotations.Nullable;

/** Why a controller does not take a connection (STS of the private data of a rejection). */
enum RejectReason {
    /** The private data has not the length that it should have. */
    INVALID_LENGTH(1, "invalid private data length"),
    /** The format of the private data is not known. */
    INVALID_FORMAT(2, "invalid RECFMT"),
    /** The queue identifier cannot be used. */
    INVALID_QUEUE_ID(3, "invalid QID"),
    /** The size of the submission queue is out of range. */
    INVALID_SEND_QUEUE_SIZE(4, "invalid HSQSIZE"),
    /** The host has too few places for responses. */
    INVALID_RECEIVE_QUEUE_SIZE(5, "invalid HRQSIZE"),
    /** The controller has no room for another connection. */
    NO_RESOURCES(6, "no resources"),
    /** The host serves too few RDMA reads. */
    INVALID_READS_IN(7, "invalid IRD"),
    /** The host issues too many RDMA reads. */
    INVALID_READS_OUT(8, "invalid ORD");

    private final int code;
    private final String text;

    RejectReason(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** STS as on the wire. */
    int code() {
        return code;
    }

    /** In the words of the specification. */
    String text() {
        return text;
    }

    /** The reason with this code, null if there is none. */
    static @Nullable RejectReason of(int code) {
        return code >= 1 && code <= values().length ? values()[code - 1] : null;
    }
}
