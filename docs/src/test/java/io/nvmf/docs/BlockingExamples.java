package io.nvmf.docs;

import io.nvmf.NvmeNamespace;
import io.nvmf.channel.NamespaceChannel;
import io.nvmf.channel.NamespaceStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.zip.GZIPInputStream;

/** docs/guide.md, "Blocking code". */
final class BlockingExamples {

    private BlockingExamples() {}

    static byte[] unzipped(NvmeNamespace namespace, long offset, long length) throws IOException {
        try (InputStream input = NamespaceStreams.input(namespace, offset, length)) {
            return new GZIPInputStream(input).readAllBytes();
        }
    }

    static void moveLabel(NvmeNamespace namespace) throws IOException {
        try (NamespaceChannel channel = NamespaceChannel.open(namespace.timeout(Duration.ofSeconds(2)))) {
            ByteBuffer label = ByteBuffer.allocate(16);
            channel.position(1_000_000).read(label);
            channel.position(2_000_000).write(label.flip());
            channel.force();
        }
    }
}
