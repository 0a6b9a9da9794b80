package io.nvmf.samples.perf;

/** The level of the API that is driven. */
enum ApiPath {
    /** One stream of commands through the operator of each I/O queue. */
    QUEUE_PAIR("queue-pair"),
    /** One {@code Mono} for each I/O. */
    NAMESPACE("namespace"),
    /** A stream of bytes, cut into commands by the SDK. */
    STREAM("stream");

    private final String text;

    ApiPath(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
