package io.nvmf.rdma.testing;

import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import java.util.Queue;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Requests to connect that a test has not answered yet, and who listens for them. */
record RdmaRequests(RdmaListener listener, Queue<RdmaIncoming> incoming) {

    /** Waits for one. */
    RdmaIncoming next() {
        return Awaitility.await().alias("a request to connect").until(incoming::poll, request -> request != null);
    }

    /** One, if there is any. */
    @Nullable
    RdmaIncoming poll() {
        return incoming.poll();
    }
}
