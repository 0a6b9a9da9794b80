package io.nvmf.rdma.iwarp;

import org.jspecify.annotations.Nullable;

/** The answer to a read of the peer, with how far it has been sent. Event loop only. */
final class ReadResponse {

    private final ReadRequest request;
    private final @Nullable Window window;

    private int sent;
    private boolean started;

    /** The batch with the last bytes of it. */
    long batch;

    /**
     * An answer.
     *
     * @param request was checked
     * @param window where the bytes are; null for a read of nothing
     */
    ReadResponse(ReadRequest request, @Nullable Window window) {
        this.request = request;
        this.window = window;
    }

    ReadRequest request() {
        return request;
    }

    @Nullable
    Window window() {
        return window;
    }

    /** Whether the memory may still be read. */
    boolean isAllowed() {
        return window == null || window.isOpen();
    }

    boolean isStarted() {
        return started;
    }

    int left() {
        return (int) request.length() - sent;
    }

    /** Where the next bytes go, in the peer's terms. */
    long sinkOffset() {
        return request.sinkOffset() + sent;
    }

    /** Where the next bytes are in the memory of the window. */
    int index() {
        return window == null ? 0 : window.indexOf(request.sourceOffset()) + sent;
    }

    /** These bytes have been written to the channel, as part of a batch. */
    void sent(int bytes, long inBatch) {
        if (!started) {
            started = true;
            if (window != null) {
                window.beginLeaving();
            }
        }
        sent += bytes;
        batch = inBatch;
    }

    /** Nothing of it is in the channel any more. */
    void gone() {
        if (started && window != null) {
            window.left();
        }
    }
}
