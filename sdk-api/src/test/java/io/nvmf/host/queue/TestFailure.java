package io.nvmf.host.queue;

import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;

/** What kind of failure an exception that users see tells of, and the one detail that tests of queues are about. */
final class TestFailure {

    enum Kind {
        STATUS,
        TERMINATED,
        PROTOCOL,
        LIMIT,
        TIMEOUT,
        CLOSED
    }

    private TestFailure() {}

    static Kind kind(Throwable error) {
        NvmeException failure = (NvmeException) error;
        if (failure instanceof NvmeStatusException) {
            return Kind.STATUS;
        }
        if (failure instanceof NvmeConnectionException) {
            return failure.getMessage().startsWith("the controller is clos") ? Kind.CLOSED : Kind.TERMINATED;
        }
        if (failure instanceof NvmeProtocolException protocol) {
            return protocol.detectedBy().isPresent() ? Kind.TERMINATED : Kind.PROTOCOL;
        }
        if (failure instanceof NvmeLimitException) {
            return Kind.LIMIT;
        }
        if (failure instanceof NvmeTimeoutException) {
            return Kind.TIMEOUT;
        }
        throw new AssertionError("a failure of a queue is not of this kind", failure);
    }

    /**
     * Whether a failure is of a kind, with the detail that belongs to it: who made up a status, the limit that was passed, the
     * outcome, and of a queue that is closed how it ended, which is "null" while it is closing.
     */
    static boolean is(Throwable error, Kind kind, Object detail) {
        if (!(error instanceof NvmeException failure) || kind(failure) != kind) {
            return false;
        }
        Object actual = switch (kind) {
            case STATUS -> ((NvmeStatusException) failure).fromController();
            case LIMIT -> ((NvmeLimitException) failure).limit();
            case TERMINATED, PROTOCOL, TIMEOUT -> failure.outcome();
            case CLOSED ->
                ((NvmeConnectionException) failure)
                        .termination()
                        .map(String::valueOf)
                        .orElse("null");
        };
        return actual.equals(detail);
    }
}
