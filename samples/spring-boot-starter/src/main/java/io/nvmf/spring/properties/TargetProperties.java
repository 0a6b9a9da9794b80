package io.nvmf.spring.properties;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * An embedded controller.
 *
 * @param enabled Whether there is one. Unless "nvmf.client" says where to connect to, the connection "default" goes to it.
 * @param host Address to listen at.
 * @param port Port to listen at, 0..65535. Zero takes a free one.
 * @param subsystem NQN of its subsystem.
 * @param namespaces Its namespaces. One of 64MB in memory unless set.
 * @param allowedHosts NQNs of the hosts that it admits. All unless set.
 * @param capture A file with what its connections send and receive, for Wireshark. That of an embedded controller of a test is captured, too.
 */
public record TargetProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("127.0.0.1") String host,
        @DefaultValue("0") int port,
        @DefaultValue("nqn.2026-01.io.nvmf:embedded") String subsystem,
        @DefaultValue List<Namespace> namespaces,
        @DefaultValue List<String> allowedHosts,
        @NestedConfigurationProperty @DefaultValue CaptureProperties capture) {

    /**
     * A namespace.
     *
     * @param id Namespace identifier, 1..65535. Its place in the list, from 1, unless set.
     * @param size Its size, a multiple of the block size.
     * @param blockSize Size of a block, a power of two, 512B..64KB.
     * @param file File that has its bytes. In memory unless set.
     */
    public record Namespace(
            @Nullable Integer id,
            @DefaultValue("64MB") DataSize size,
            @DefaultValue("4KB") DataSize blockSize,
            @Nullable Path file) {}
}
