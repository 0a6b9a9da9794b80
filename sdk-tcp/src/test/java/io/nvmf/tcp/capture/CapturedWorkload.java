package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.tcp.TcpOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads and writes of several sizes between a client and a target that both capture, to {@code host.pcapng} and
 * {@code controller.pcapng}.
 *
 * @param port of the target
 */
record CapturedWorkload(int port) {

    /** What the written data consists of, and headers do not: seven of them in a row. */
    static final String PATTERN = "PAYLOAD";

    static final int BLOCK = 512;

    /** Written in the capsule. */
    static final int SMALL = 4096;

    /** Written after an R2T, and more than a packet of IP can be long. */
    static final int LARGE = 256 * 1024;

    static final String NQN = "nqn.2024-01.io.nvmf:captured";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Runs it and waits until both files are complete.
     *
     * @param directory for the files
     * @param address to listen on
     * @param headerDigest whether there are header digests
     * @param dataDigest whether there are data digests
     * @param dataBytes bytes of data to capture
     */
    static CapturedWorkload run(
            Path directory, String address, boolean headerDigest, boolean dataDigest, int dataBytes) {
        BoundTarget target = Objects.requireNonNull(NvmeTarget.memory(NQN, 1 << 20, BLOCK)
                .option(TcpOptions.CAPTURE, directory.resolve("controller.pcapng"))
                .option(TcpOptions.CAPTURE_DATA, dataBytes)
                .bindAddress(address, 0)
                .bind()
                .block(PATIENCE));
        int port = target.port();
        try {
            NvmeController controller = Objects.requireNonNull(NvmeClient.from(target.uri(NQN))
                    .ioQueues(2)
                    .option(TcpOptions.HEADER_DIGEST, headerDigest)
                    .option(TcpOptions.DATA_DIGEST, dataDigest)
                    .option(TcpOptions.CAPTURE, directory.resolve("host.pcapng"))
                    .option(TcpOptions.CAPTURE_DATA, dataBytes)
                    .connect()
                    .block(PATIENCE));
            NvmeNamespace namespace =
                    Objects.requireNonNull(controller.namespace(1).block(PATIENCE));
            for (int size : new int[] {SMALL, LARGE}) {
                namespace.write(8, data(size)).block(PATIENCE);
                ByteBuf read =
                        Objects.requireNonNull(namespace.read(8, size / BLOCK).block(PATIENCE));
                assertThat(read).isEqualTo(data(size));
                read.release();
            }
            namespace.flush().block(PATIENCE);
            controller.close().block(PATIENCE);
        } finally {
            target.close().block(PATIENCE);
        }
        awaitEnd(directory.resolve("host.pcapng"));
        awaitEnd(directory.resolve("controller.pcapng"));
        return new CapturedWorkload(port);
    }

    static ByteBuf data(int size) {
        byte[] pattern = PATTERN.repeat(7).getBytes(StandardCharsets.US_ASCII);
        byte[] data = new byte[size];
        for (int at = 0; at < size; at += pattern.length) {
            System.arraycopy(pattern, 0, data, at, Math.min(pattern.length, size - at));
        }
        return Unpooled.wrappedBuffer(data);
    }

    /** Statistics are the last thing that is written. */
    private static void awaitEnd(Path file) {
        CaptureReader.awaitFile(() -> {
            var blocks = CaptureReader.blocks(bytes(file));
            assertThat(blocks.get(blocks.size() - 1).type()).isEqualTo(5);
        });
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether a file has the data that was written. */
    static boolean hasPayload(Path file) {
        byte[] bytes = bytes(file);
        byte[] pattern = PATTERN.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + pattern.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + pattern.length, pattern, 0, pattern.length)) {
                return true;
            }
        }
        return false;
    }
}
