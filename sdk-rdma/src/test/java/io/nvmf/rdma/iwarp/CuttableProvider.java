package io.nvmf.rdma.iwarp;

import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The provider with a wire between its ends that a test can cut: both ends see a reset. */
final class CuttableProvider implements RdmaProvider, AutoCloseable {

    private final IwarpProvider provider = new IwarpProvider();
    /** By the port of the end that connected, and by the one that was accepted sees. */
    private final Map<Integer, Socket[]> connected = new ConcurrentHashMap<>();

    private final Map<Integer, Socket[]> accepted = new ConcurrentHashMap<>();
    private @Nullable ServerSocket server;
    private volatile int target;

    /** From now on connections go over a wire. */
    CuttableProvider wired() throws IOException {
        ServerSocket listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        server = listening;
        run(() -> {
            while (true) {
                Socket from = listening.accept();
                Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
                from.setTcpNoDelay(true);
                to.setTcpNoDelay(true);
                Socket[] wire = {from, to};
                connected.put(from.getPort(), wire);
                accepted.put(to.getLocalPort(), wire);
                run(() -> pass(from, to));
                run(() -> pass(to, from));
            }
        });
        return this;
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void run(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException over) {
                // The test is over, or the wire is cut.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void pass(Socket from, Socket to) throws IOException {
        from.getInputStream().transferTo(to.getOutputStream());
        to.shutdownOutput();
    }

    /** Cuts the wire of a connection of this provider. From any thread, soon. */
    void cut(RdmaConnection connection) {
        int remote = port(connection.remoteAddress());
        boolean connects = remote == Objects.requireNonNull(server).getLocalPort();
        Socket[] wire = connects ? connected.get(port(connection.localAddress())) : accepted.get(remote);
        // Not on an event loop, because closing waits for those who read.
        run(() -> {
            for (Socket end : wire) {
                end.setSoLinger(true, 0);
                end.close();
            }
        });
    }

    private static int port(@Nullable TransportAddress address) {
        return Objects.requireNonNull(address).port();
    }

    @Override
    public String name() {
        return provider.name();
    }

    @Override
    public RdmaCapabilities capabilities() {
        return provider.capabilities();
    }

    @Override
    public List<TransportOption<?>> options() {
        return provider.options();
    }

    @Override
    public Mono<RdmaConnection> connect(RdmaConnectRequest request) {
        ServerSocket wire = server;
        if (wire == null) {
            return provider.connect(request);
        }
        target = request.address().port();
        return provider.connect(new RdmaConnectRequest(
                TransportAddress.of("127.0.0.1", wire.getLocalPort()),
                request.timeout(),
                request.privateData(),
                request.limits(),
                request.options()));
    }

    @Override
    public Mono<RdmaListener> listen(
            TransportAddress address, TransportOptions options, Consumer<RdmaIncoming> acceptor) {
        return provider.listen(address, options, acceptor);
    }

    @Override
    public void close() {
        try {
            if (server != null) {
                server.close();
            }
            for (Socket[] wire : connected.values()) {
                wire[0].close();
                wire[1].close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
