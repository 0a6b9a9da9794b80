package io.nvmf.tcp.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Passes bytes on between hosts and a target, keeps what hosts have sent, and can say something of its own to a host.
 * Connections are numbered as they came.
 */
public final class Relay implements AutoCloseable {

    private final ServerSocket server;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    private static final class Connection {

        private final Socket host;
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private volatile long most = Long.MAX_VALUE;

        Connection(Socket host) {
            this.host = host;
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private Relay(int targetPort) throws IOException {
        server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        run(() -> {
            while (true) {
                Connection connection = new Connection(server.accept());
                Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                target.setTcpNoDelay(true);
                connection.host.setTcpNoDelay(true);
                connections.add(connection);
                run(() -> passToTarget(connection, target));
                run(() -> pass(target, connection.host));
            }
        });
    }

    /** A relay in front of a target on the loopback interface. */
    public static Relay to(int targetPort) {
        try {
            return new Relay(targetPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    private static void pass(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    private void passToTarget(Connection connection, Socket target) throws IOException {
        try (target;
                connection.host) {
            InputStream in = connection.host.getInputStream();
            OutputStream out = target.getOutputStream();
            byte[] buffer = new byte[4096];
            int n;
            while ((n = in.read(buffer)) > 0) {
                connection.sent.write(buffer, 0, n);
                out.write(buffer, 0, n);
                if (connection.sent.size() >= connection.most) {
                    over.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes nothing more from a host once it has sent so much in all. */
    public void takeAtMost(int connection, int bytes) {
        connections.get(connection).most = bytes;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** How many connections there have been. */
    public int connections() {
        return connections.size();
    }

    /** Whether all connections have been closed, from whichever side. */
    public boolean allClosed() {
        return connections.stream().allMatch(connection -> connection.host.isClosed());
    }

    /** What a host has sent so far on a connection. */
    public byte[] sentByHost(int connection) {
        return connections.get(connection).sent.toByteArray();
    }

    /** While nothing else is under way on that connection. */
    public void tellHost(int connection, TestPdu pdu) {
        try {
            connections.get(connection).host.getOutputStream().write(pdu.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends all connections. */
    public void cut() {
        try {
            for (Connection connection : connections) {
                connection.host.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
