package io.nvmf.spring.properties;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A file with what connections send and receive, for Wireshark.
 *
 * @param file The file, in the pcapng format. None unless set.
 * @param size Size of one file. When it is full, the next one is begun.
 * @param files How many files are kept.
 * @param data How much of the data of each PDU is written. Headers only unless set.
 */
public record CaptureProperties(
        @Nullable Path file,
        @Nullable DataSize size,
        @Nullable Integer files,
        @Nullable DataSize data) {}
