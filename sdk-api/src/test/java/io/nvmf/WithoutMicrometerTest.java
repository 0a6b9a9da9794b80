package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A program that has no Micrometer on its class path. */
class WithoutMicrometerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What runs where there is no Micrometer. */
    public static final class Program {

        private Program() {}

        /** Asks for the meters that there cannot be. */
        public static void askForMeters() {
            NvmeClient.create().metrics(true);
        }

        /** Reads a block, and counts commands with a recorder of its own. */
        public static int commandsOfARead() {
            String nqn = "nqn.2024-01.io.nvmf:test";
            TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());
            BoundTarget target = NvmeTarget.memory(nqn, 1 << 20, 4096)
                    .transport(TransportType.LOOP)
                    .registry(registry)
                    .bind()
                    .block(PATIENCE);
            AtomicInteger reads = new AtomicInteger();
            NvmeController controller = NvmeClient.from(target.uri(nqn))
                    .registry(registry)
                    .metrics(false)
                    .metrics((subsystem, address) -> new Counting(reads))
                    .connect()
                    .block(PATIENCE);
            ByteBuf read = controller
                    .namespace(1)
                    .flatMap(namespace -> namespace.read(0, 1))
                    .block(PATIENCE);
            read.release();
            controller.close().block(PATIENCE);
            target.close().block(PATIENCE);
            return reads.get();
        }
    }

    /** Counts the commands of I/O queues. */
    private record Counting(AtomicInteger commands) implements ControllerMetrics, AssociationMetrics {

        @Override
        public AssociationMetrics association(int controllerId) {
            return this;
        }

        @Override
        public QueueMetrics queue(int queueId, int slots) {
            return new QueueMetrics() {
                @Override
                public void commandBegins(int opcode) {
                    if (queueId != 0) {
                        commands.incrementAndGet();
                    }
                }
            };
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }

    private static Object run(String method) throws Exception {
        URL[] classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("micrometer-"))
                .map(WithoutMicrometerTest::url)
                .toArray(URL[]::new);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("io.micrometer.core.instrument.MeterRegistry"))
                    .isInstanceOf(ClassNotFoundException.class);
            Thread.currentThread().setContextClassLoader(loader);
            return loader.loadClass(Program.class.getName()).getMethod(method).invoke(null);
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void worksAndMayMeasureItself() throws Exception {
        assertThat(run("commandsOfARead")).isEqualTo(1);
    }

    @Test
    void isToldWhatIsMissingWhenItAsksForMeters() {
        assertThatThrownBy(() -> run("askForMeters"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("io.micrometer:micrometer-core");
    }
}
