package io.nvmf.host;

import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.Termination;
import java.time.Duration;

/** What a test sees of a failure; stands for the exceptions of the face. */
final class TestFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    enum Kind {
        STATUS,
        TERMINATED,
        UNREACHABLE,
        PROTOCOL,
        LIMIT,
        TIMEOUT,
        CLOSED
    }

    final Kind kind;
    final transient Object detail;

    private TestFailure(Kind kind, Object detail, String message) {
        super(kind + " " + detail + ": " + message);
        this.kind = kind;
        this.detail = detail;
    }

    /** Makes them. */
    static final Failures FACTORY = new Failures() {
        @Override
        public RuntimeException status(Command command, Status status, boolean fromController) {
            return new TestFailure(Kind.STATUS, fromController, status.toString());
        }

        @Override
        public RuntimeException terminated(String what, Termination termination, Outcome outcome) {
            return new TestFailure(Kind.TERMINATED, outcome, what + " " + termination);
        }

        @Override
        public RuntimeException unreachable(String what, Throwable cause) {
            return new TestFailure(Kind.UNREACHABLE, cause, what);
        }

        @Override
        public RuntimeException protocol(String detail) {
            return new TestFailure(Kind.PROTOCOL, detail, "");
        }

        @Override
        public RuntimeException limit(String what, long value, long limit, String detail) {
            return new TestFailure(Kind.LIMIT, limit, what + " " + value + " " + detail);
        }

        @Override
        public RuntimeException timeout(String what, Duration after, Outcome outcome) {
            return new TestFailure(Kind.TIMEOUT, outcome, what + " " + after);
        }

        @Override
        public RuntimeException closed(Termination termination) {
            return new TestFailure(Kind.CLOSED, String.valueOf(termination), "");
        }
    };

    static boolean is(Throwable error, Kind kind, Object detail) {
        return error instanceof TestFailure failure && failure.kind == kind && failure.detail.equals(detail);
    }
}
