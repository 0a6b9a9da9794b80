package io.nvmf.spring.properties;

import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** Makes options of streams of properties. */
public final class StreamMapping {

    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(1);
    private static final Duration MAX_TIMEOUT = Duration.ofDays(365);

    private final StreamProperties properties;

    /**
     * A mapping of some properties.
     *
     * @param properties the properties
     */
    public StreamMapping(StreamProperties properties) {
        this.properties = properties;
    }

    /**
     * Those of read streams.
     *
     * @return the defaults, with all properties that are set
     * @throws InvalidNvmePropertyException if a property is out of range
     */
    public ReadStreamOptions read() {
        Checked checked = new Checked("nvmf.stream.read");
        StreamProperties.Read set = properties.read();
        ReadStreamOptions options = ReadStreamOptions.defaults();
        if (set.chunkSize() != null) {
            options = options.chunkSize(checked.chunkSize(set.chunkSize()));
        }
        if (set.window() != null) {
            options = options.window(checked.window(set.window()));
        }
        if (set.queues() != null) {
            options = options.queues(checked.queues(set.queues()));
        }
        if (set.maxBuffered() != null) {
            options = options.maxBuffered(checked.maxBuffered(set.maxBuffered()));
        }
        return set.timeout() == null ? options : options.timeout(checked.timeout(set.timeout()));
    }

    /**
     * Those of write streams.
     *
     * @return the defaults, with all properties that are set
     * @throws InvalidNvmePropertyException if a property is out of range
     */
    public WriteStreamOptions write() {
        Checked checked = new Checked("nvmf.stream.write");
        StreamProperties.Write set = properties.write();
        WriteStreamOptions options = WriteStreamOptions.defaults();
        if (set.chunkSize() != null) {
            options = options.chunkSize(checked.chunkSize(set.chunkSize()));
        }
        if (set.window() != null) {
            options = options.window(checked.window(set.window()));
        }
        if (set.queues() != null) {
            options = options.queues(checked.queues(set.queues()));
        }
        return set.timeout() == null ? options : options.timeout(checked.timeout(set.timeout()));
    }

    /** The limits, which are the same in both directions. */
    private static final class Checked {

        private final Limits limits;

        Checked(String prefix) {
            this.limits = new Limits(prefix);
        }

        int chunkSize(DataSize size) {
            return (int) limits.range("chunk-size", size.toBytes(), 1, Integer.MAX_VALUE);
        }

        int window(int commands) {
            return (int) limits.range("window", commands, 1, ReadStreamOptions.MAX_WINDOW);
        }

        int queues(int most) {
            return (int) limits.range("queues", most, 1, ReadStreamOptions.MAX_QUEUES);
        }

        long maxBuffered(DataSize size) {
            return limits.range("max-buffered", size.toBytes(), 1, ReadStreamOptions.UNLIMITED);
        }

        Duration timeout(Duration limit) {
            return limits.range("timeout", limit, LEAST_TIMEOUT, MAX_TIMEOUT);
        }
    }
}
