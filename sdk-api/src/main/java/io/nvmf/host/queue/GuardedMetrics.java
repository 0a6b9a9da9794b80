package io.nvmf.host.queue;

import io.nvmf.metrics.QueueMetrics;

/** The metrics of a queue as it calls them: never throw, and are not called any more once they have. Event loop only. */
final class GuardedMetrics implements QueueMetrics {

    private static final QueueMetrics NONE = new QueueMetrics() {};

    private QueueMetrics metrics;

    GuardedMetrics(QueueMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void waitBegins() {
        try {
            metrics.waitBegins();
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void waitEnds(long nanos) {
        try {
            metrics.waitEnds(nanos);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void commandBegins(int opcode) {
        try {
            metrics.commandBegins(opcode);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void answered(int opcode, int statusCodeType, int statusCode, long nanos, int read, int written) {
        try {
            metrics.answered(opcode, statusCodeType, statusCode, nanos, read, written);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void unanswered(int opcode, Unanswered why, long nanos) {
        try {
            metrics.unanswered(opcode, why, nanos);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void orphanBegins() {
        try {
            metrics.orphanBegins();
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void orphanEnds() {
        try {
            metrics.orphanEnds();
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void memoryBegins(int bytes) {
        try {
            metrics.memoryBegins(bytes);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void memoryEnds(int bytes) {
        try {
            metrics.memoryEnds(bytes);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void digestWrong() {
        try {
            metrics.digestWrong();
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    private void broken(Throwable thrown) {
        metrics = NONE;
        UserCallBacks.failed(thrown);
    }
}
