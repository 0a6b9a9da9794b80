package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that has no BouncyCastle on its class path, or only half of it. */
class WithoutBouncyCastleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What runs where there is none. */
    public static final class Program {

        private Program() {}

        private static HostQueuePairParameters to(TransportAddress address) {
            return TestQueuePairs.parameters(address, true, 8192).build();
        }

        /** Connects without TLS; true if that works. */
        public static boolean connectsPlain() {
            TcpTransportProvider tcp = new TcpTransportProvider();
            TransportListener listener = tcp.listen(
                            TransportAddress.of("127.0.0.1", 0),
                            TransportOptions.none(),
                            queuePair -> queuePair.commands().subscribe())
                    .block(PATIENCE);
            HostQueuePair host = tcp.connect(to(listener.address())).block(PATIENCE);
            host.close().block(PATIENCE);
            listener.close().block(PATIENCE);
            return true;
        }

        /** Asks for what there cannot be; nobody listens at the address. */
        public static void connectsOverTls() {
            new TcpTransportProvider()
                    .connect(to(TransportAddress.of("127.0.0.1", 1)), List.of(OverTls.key()))
                    .block(PATIENCE);
        }

        /** Asks for what there cannot be. */
        public static void listensOverTls() {
            new OverTls()
                    .listen(TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), queuePair -> {})
                    .block(PATIENCE);
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }

    private static Object run(String method, String hidden) throws Exception {
        URL[] classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(hidden))
                .map(WithoutBouncyCastleTest::url)
                .toArray(URL[]::new);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(loader);
            return loader.loadClass(Program.class.getName()).getMethod(method).invoke(null);
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void connectsWithoutTls() throws Exception {
        assertThat(run("connectsPlain", "bc")).isEqualTo(true);
    }

    @Test
    void isToldOfOtherJarsThatAreMissing() {
        for (String asking : List.of("connectsOverTls", "listensOverTls")) {
            assertThatThrownBy(() -> run(asking, "bcutil")).hasMessageContaining("TLS cannot be used here");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bc", "bctls", "bcprov"})
    void isToldWhatIsMissingWhenItAsksForTls(String hidden) {
        for (String asking : List.of("connectsOverTls", "listensOverTls")) {
            assertThatThrownBy(() -> run(asking, hidden))
                    .satisfies(
                            told -> assertThat(told.getClass().getSimpleName()).isEqualTo("UnsupportedTlsException"))
                    .hasMessageContaining("org.bouncycastle:bctls-jdk18on")
                    .hasMessageContaining("org.bouncycastle:bcprov-jdk18on");
        }
    }
}
