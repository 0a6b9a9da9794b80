package io.nvmf.spring.connection;

import io.nvmf.spring.NvmeConnections;
import java.util.List;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Starts and stops all connections that are made of properties, with the application. The phase is below those of the
 * web server, so they are there before the first request is, and go when the last one has been answered. Event loops
 * are a bean, and beans are destroyed after all phases.
 */
public final class ConnectionLifecycle implements SmartLifecycle {

    /** Below the web server and its graceful shutdown, which have 2048 and 1024 less than the default. */
    public static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

    private final NvmeConnections connections;
    private volatile boolean running;

    /**
     * A life cycle that has not begun.
     *
     * @param connections what it is for
     */
    public ConnectionLifecycle(NvmeConnections connections) {
        this.connections = connections;
    }

    private List<SharedConnection> shared() {
        return connections.all().values().stream()
                .filter(SharedConnection.class::isInstance)
                .map(SharedConnection.class::cast)
                .toList();
    }

    /** Waits for those that are eager, all at the same time, and each no longer than its time. */
    @Override
    public void start() {
        running = true;
        shared().forEach(SharedConnection::start);
        Flux.fromIterable(shared())
                .filter(connection -> connection.settings().startup() == StartupMode.EAGER)
                .flatMap(
                        connection -> EagerStart.await(
                                connection, connection.settings().startupTimeout()),
                        Integer.MAX_VALUE)
                .blockLast();
    }

    @Override
    public void stop() {
        stopped().block();
    }

    @Override
    public void stop(Runnable callback) {
        stopped().doFinally(signal -> callback.run()).subscribe();
    }

    private Mono<Void> stopped() {
        running = false;
        return Flux.fromIterable(shared())
                .flatMap(SharedConnection::stop, Integer.MAX_VALUE)
                .then();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
