package io.nvmf.samples.quickstart;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.file.FileSource;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Function;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Streams bulk data to a namespace and back and compares checksums: against a controller embedded in this process, or
 * against any other target, where it <b>overwrites the beginning of the namespace</b>. {@link Settings} has the system
 * properties.
 */
public final class Quickstart {

    /** The data came back as it was written. */
    static final int OK = 0;

    /** It did not, or something failed on the way. */
    static final int FAILED = 1;

    /** Nothing was tried. */
    static final int WRONG_SETTINGS = 2;

    private static final String EMBEDDED_NQN = "nqn.2026-01.io.nvmf:quickstart";
    private static final int EMBEDDED_BLOCK_SIZE = 4096;

    private final PrintStream out;

    Quickstart(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs and ends the process: with 0 when the data came back as it was written, 1 when anything failed, 2 for wrong
     * settings.
     *
     * @param args not used
     */
    public static void main(String[] args) {
        System.exit(new Quickstart(System.out).run(System.getProperties()));
    }

    /** Returns the exit code; what goes wrong outside this program becomes one line. */
    int run(Properties properties) {
        try {
            Settings settings = Settings.from(properties);
            String uri = settings.uri();
            boolean equal = uri == null ? embedded(settings) : roundTrip(uri, settings, NvmeController::reset);
            return equal ? OK : FAILED;
        } catch (IllegalArgumentException e) {
            out.println("wrong setting: " + e.getMessage());
            return WRONG_SETTINGS;
        } catch (NvmeException | IOException | UncheckedIOException e) {
            out.println("failed: " + e.getMessage());
            return FAILED;
        } catch (RuntimeException e) {
            // block() has to wrap the checked exceptions that a publisher ends with
            if (Exceptions.unwrap(e) instanceof IOException cause) {
                out.println("failed: " + cause.getMessage());
                return FAILED;
            }
            throw e;
        }
    }

    private boolean embedded(Settings settings) throws IOException {
        Path file = Files.createTempFile("nvmf-quickstart", ".img");
        file.toFile().deleteOnExit(); // for those who lose patience
        try {
            long blocks = (settings.length() - 1) / EMBEDDED_BLOCK_SIZE + 1;
            BlockStore store = BlockStore.file(file, blocks * EMBEDDED_BLOCK_SIZE, EMBEDDED_BLOCK_SIZE);
            BoundTarget target = NvmeTarget.create()
                    .transport(settings.transport())
                    .subsystem(EMBEDDED_NQN, subsystem -> subsystem.namespace(1, store))
                    .bind()
                    .blockOptional()
                    .orElseThrow();
            try {
                String uri = target.uri(EMBEDDED_NQN).toString();
                out.println("embedded controller at " + uri + ", namespace 1 in " + file);
                return roundTrip(uri, settings, controller -> target.disconnectAll());
            } finally {
                target.close().block();
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Streams to a target and back.
     *
     * @param cut cuts the connection, from the side that is ours
     */
    private boolean roundTrip(String uri, Settings settings, Function<NvmeController, Mono<Void>> cut) {
        NvmeClient client = NvmeClient.from(uri);
        if (settings.interrupt()) {
            // writes that were under way are sent again when the target has certainly noticed: after this time
            client = client.keepAlive(Duration.ofSeconds(1));
        }
        NvmeController controller = client.connect().blockOptional().orElseThrow();
        try {
            NvmeNamespace namespace =
                    controller.namespace(settings.namespaceId()).blockOptional().orElseThrow();
            Path file = settings.file();
            long length = file == null ? Math.min(settings.length(), namespace.size()) : settings.length();
            Flux<ByteBuf> source = file == null ? DataSource.generated(length) : FileSource.bytes(file, 0, length);
            out.printf(
                    "namespace %d of %s: %,d blocks of %,d bytes; the first %,d bytes are overwritten%n",
                    settings.namespaceId() & 0xFFFF_FFFFL,
                    controller.subsystem(),
                    namespace.blocks(),
                    namespace.blockSize(),
                    length);
            Mono<Void> interruption = settings.interrupt() ? cut.apply(controller) : Mono.empty();
            return new RoundTrip(namespace, interruption, out).run(source, length);
        } finally {
            controller.close().block();
        }
    }
}
