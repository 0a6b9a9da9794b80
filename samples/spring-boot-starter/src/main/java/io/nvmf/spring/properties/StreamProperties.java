package io.nvmf.spring.properties;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Options of streams.
 *
 * @param read Options of read streams, the bean "nvmfReadStreamOptions".
 * @param write Options of write streams, the bean "nvmfWriteStreamOptions".
 */
public record StreamProperties(
        @NestedConfigurationProperty @DefaultValue Read read,
        @NestedConfigurationProperty @DefaultValue Write write) {

    /**
     * Options of read streams.
     *
     * @param chunkSize Largest size of one command, 1B..2GB less one byte.
     * @param window How many commands may be in flight, 1..65535.
     * @param queues Over how many I/O queues a stream spreads its commands, 1..65535.
     * @param maxBuffered How many bytes a stream may have somewhere until they are released. No limit unless set.
     * @param timeout Time that the whole stream has.
     */
    public record Read(
            @Nullable DataSize chunkSize,
            @Nullable Integer window,
            @Nullable Integer queues,
            @Nullable DataSize maxBuffered,
            @Nullable Duration timeout) {}

    /**
     * Options of write streams.
     *
     * @param chunkSize Largest size of one command, 1B..2GB less one byte.
     * @param window How many commands may be in flight, 1..65535.
     * @param queues Over how many I/O queues a stream spreads its commands, 1..65535.
     * @param timeout Time that the whole stream has.
     */
    public record Write(
            @Nullable DataSize chunkSize,
            @Nullable Integer window,
            @Nullable Integer queues,
            @Nullable Duration timeout) {}
}
