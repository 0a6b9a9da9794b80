package io.nvmf.rdma.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Passes bytes on between hosts and a target on the loopback interface, and resets a connection when it has carried so many.
 * It knows nothing of what the bytes mean. Thread safe.
 */
public final class CuttingProxy implements AutoCloseable {

    /** A connection that lives as long as its ends want. */
    public static final long NEVER = Long.MAX_VALUE;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong cuts = new AtomicLong();
    private volatile LongSupplier budgets = () -> NEVER;
    private volatile boolean closed;

    private interface Task {
        void run() throws IOException;
    }

    private CuttingProxy(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        run(() -> {
            while (!closed) {
                accept(server.accept());
            }
        });
    }

    /** A proxy in front of a target, through which everything passes. */
    public static CuttingProxy to(int targetPort) {
        try {
            return new CuttingProxy(targetPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many bytes, both ways together, connections to come carry; called for each, on the proxy's thread. */
    public void cutAfter(LongSupplier bytes) {
        budgets = bytes;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** How many connections have been reset. */
    public long cuts() {
        return cuts.get();
    }

    private void accept(Socket host) throws IOException {
        Socket controller;
        try {
            controller = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException nobodyListens) {
            host.close();
            return;
        }
        host.setTcpNoDelay(true);
        controller.setTcpNoDelay(true);
        open.add(host);
        open.add(controller);
        AtomicLong left = new AtomicLong(budgets.getAsLong());
        run(() -> pass(host, controller, left));
        run(() -> pass(controller, host, left));
        if (closed) {
            close();
        }
    }

    private static void run(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException end) {
                // The test is over, or the connection is.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void pass(Socket from, Socket to, AtomicLong left) throws IOException {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            int read;
            while ((read = in.read(buffer)) > 0) {
                long before = left.getAndAdd(-read);
                out.write(buffer, 0, (int) Math.max(0, Math.min(before, read)));
                if (before <= read) {
                    cuts.incrementAndGet();
                    from.setSoLinger(true, 0);
                    to.setSoLinger(true, 0);
                    return;
                }
            }
        } finally {
            from.close();
            to.close();
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
