package io.nvmf.tcp.testing.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.tcp.testing.TestPdu;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between plain sockets. */
class FaultProxyTest {

    private static final int PATIENCE_MILLIS = 30_000;
    private static final int QUIET_MILLIS = 100;

    private static final byte[] COMMAND = TestPdu.capsuleCmd(2, 1, 4096).bytes();
    private static final byte[] OTHER_COMMAND = TestPdu.capsuleCmd(2, 2, 512).bytes();
    private static final byte[] RESPONSE = TestPdu.capsuleResp(1, 0).bytes();
    private static final byte[] DATA =
            TestPdu.c2hData(1, 0, new byte[300], TestPdu.LAST).bytes();

    private ServerSocket target;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        target = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        target.setSoTimeout(PATIENCE_MILLIS);
        proxy = FaultProxy.start((InetSocketAddress) target.getLocalSocketAddress());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        target.close();
    }

    private record Pair(Socket host, Socket controller) implements AutoCloseable {

        void hostSends(byte[]... pdus) throws IOException {
            send(host, pdus);
        }

        void controllerSends(byte[]... pdus) throws IOException {
            send(controller, pdus);
        }

        /** All at once: what the first one brings about could keep the second from being written. */
        private static void send(Socket socket, byte[]... pdus) throws IOException {
            ByteArrayOutputStream together = new ByteArrayOutputStream();
            for (byte[] pdu : pdus) {
                together.write(pdu);
            }
            together.writeTo(socket.getOutputStream());
        }

        @Override
        public void close() throws IOException {
            host.close();
            controller.close();
        }
    }

    private Pair open() throws IOException {
        Socket host = new Socket(proxy.address().getAddress(), proxy.address().getPort());
        Socket controller = target.accept();
        for (Socket socket : new Socket[] {host, controller}) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
        }
        return new Pair(host, controller);
    }

    private static void assertReads(Socket socket, byte[]... pdus) throws IOException {
        for (byte[] pdu : pdus) {
            assertThat(socket.getInputStream().readNBytes(pdu.length)).isEqualTo(pdu);
        }
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    private static void assertClosed(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(QUIET_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    @Test
    void passesWhatItIsGiven() throws IOException {
        try (Pair pair = open()) {
            for (byte one : COMMAND) {
                pair.hostSends(new byte[] {one});
            }
            pair.hostSends(OTHER_COMMAND);
            assertReads(pair.controller, COMMAND, OTHER_COMMAND);
            pair.controllerSends(DATA, RESPONSE);
            assertReads(pair.host, DATA, RESPONSE);
            ProxiedConnection connection = proxy.connections().get(0);
            Awaitility.await().until(() -> connection.passed(Direction.TO_HOST) == 2);
            assertThat(connection.passed(Direction.TO_CONTROLLER)).isEqualTo(2);
            assertThat(proxy.accepted()).isOne();
        }
    }

    @Test
    void passesWhatIsNoPdu() throws IOException {
        try (Pair pair = open()) {
            byte[] text = "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            byte[] zeros = new byte[20];
            pair.hostSends(zeros, text);
            assertReads(pair.controller, zeros, text);
        }
    }

    @Test
    void cutsBefore() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_CONTROLLER, SeenPdu.CAPSULE_CMD, 2, PduFault.cutBefore()));
        try (Pair pair = open()) {
            pair.hostSends(COMMAND);
            assertReads(pair.controller, COMMAND);
            pair.hostSends(OTHER_COMMAND);
            assertReset(pair.controller);
            assertReset(pair.host);
            assertThat(proxy.connections()).isEmpty();
        }
    }

    @Test
    void cutsInside() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.C2H_DATA, 1, PduFault.cutInside(30)));
        try (Pair pair = open()) {
            pair.controllerSends(RESPONSE, DATA);
            assertReads(pair.host, RESPONSE, Arrays.copyOf(DATA, 30));
            assertReset(pair.host);
            assertReset(pair.controller);
        }
    }

    @Test
    void cutsAfter() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.CAPSULE_RESP, 1, PduFault.cutAfter()));
        try (Pair pair = open()) {
            pair.controllerSends(RESPONSE, DATA);
            assertReads(pair.host, RESPONSE);
            assertReset(pair.host);
        }
    }

    @Test
    void closesAfter() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.CAPSULE_RESP, 1, PduFault.closeAfter()));
        try (Pair pair = open()) {
            pair.controllerSends(RESPONSE);
            assertReads(pair.host, RESPONSE);
            assertClosed(pair.host);
            assertClosed(pair.controller);
        }
    }

    @Test
    void delaysAndKeepsTheOrder() throws IOException {
        Duration delay = Duration.ofMillis(150);
        proxy.script(FaultScript.nth(Direction.TO_CONTROLLER, SeenPdu.CAPSULE_CMD, 1, PduFault.delay(delay)));
        try (Pair pair = open()) {
            long start = System.nanoTime();
            pair.hostSends(COMMAND, OTHER_COMMAND);
            assertReads(pair.controller, COMMAND, OTHER_COMMAND);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(delay.toNanos());
        }
    }

    @Test
    void letsOneConnectionWaitForAnother() throws Exception {
        proxy.script(FaultScript.once(
                pdu -> pdu.type() == SeenPdu.CAPSULE_CMD, PduFault.letPass(1, Duration.ofMillis(PATIENCE_MILLIS))));
        try (Pair first = open();
                Pair second = open()) {
            first.hostSends(COMMAND);
            assertSilent(first.controller);
            second.hostSends(OTHER_COMMAND);
            assertReads(second.controller, OTHER_COMMAND);
            assertReads(first.controller, COMMAND);
        }
    }

    @Test
    void isSilentInOneDirection() throws Exception {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.CAPSULE_RESP, 1, PduFault.blackHole()));
        try (Pair pair = open()) {
            pair.controllerSends(RESPONSE, DATA);
            pair.hostSends(COMMAND);
            assertReads(pair.controller, COMMAND);
            pair.controller.close();
            assertSilent(pair.host);
            assertThat(proxy.connections()).hasSize(1);
        }
    }

    @Test
    void closesOneDirection() throws Exception {
        proxy.script(FaultScript.nth(Direction.TO_CONTROLLER, SeenPdu.CAPSULE_CMD, 1, PduFault.halfClose()));
        try (Pair pair = open()) {
            pair.hostSends(COMMAND, OTHER_COMMAND);
            assertReads(pair.controller, COMMAND);
            assertClosed(pair.controller);
            pair.controllerSends(RESPONSE);
            assertReads(pair.host, RESPONSE);
        }
    }

    @Test
    void passesTheEndOfOneDirectionOn() throws IOException {
        try (Pair pair = open()) {
            pair.hostSends(COMMAND, Arrays.copyOf(OTHER_COMMAND, 20));
            pair.host.shutdownOutput();
            assertReads(pair.controller, COMMAND, Arrays.copyOf(OTHER_COMMAND, 20));
            assertClosed(pair.controller);
            pair.controllerSends(RESPONSE);
            pair.controller.shutdownOutput();
            assertReads(pair.host, RESPONSE);
            assertClosed(pair.host);
            Awaitility.await().until(() -> proxy.connections().isEmpty());
        }
    }

    @Test
    void passesAResetOn() throws IOException {
        try (Pair pair = open()) {
            pair.host.setSoLinger(true, 0);
            pair.host.close();
            assertReset(pair.controller);
        }
    }

    @Test
    void resetsTheHostAlone() throws Exception {
        proxy.script(FaultScript.nth(
                Direction.TO_CONTROLLER, SeenPdu.CAPSULE_CMD, 1, PduFault.resetHost(Duration.ofMillis(300))));
        try (Pair pair = open()) {
            pair.hostSends(COMMAND);
            assertReset(pair.host);
            assertSilent(pair.controller);
            assertReads(pair.controller, COMMAND);
            assertClosed(pair.controller);
            Awaitility.await().until(() -> proxy.connections().isEmpty());
        }
    }

    @Test
    void damagesOneByteOfTheData() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.C2H_DATA, 1, PduFault.corruptData()));
        try (Pair pair = open()) {
            pair.controllerSends(DATA);
            byte[] damaged = DATA.clone();
            damaged[24] ^= (byte) 0xFF;
            assertReads(pair.host, damaged);
        }
    }

    @Test
    void damagesAByteOfTheHeader() throws IOException {
        proxy.script(FaultScript.nth(Direction.TO_CONTROLLER, SeenPdu.CAPSULE_CMD, 1, PduFault.corrupt(12)));
        try (Pair pair = open()) {
            pair.hostSends(COMMAND);
            byte[] damaged = COMMAND.clone();
            damaged[12] ^= (byte) 0xFF;
            assertReads(pair.controller, damaged);
        }
    }

    @Test
    void dripsByteByByte() throws IOException {
        Duration pause = Duration.ofMillis(1);
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.CAPSULE_RESP, 1, PduFault.drip(1, pause)));
        try (Pair pair = open()) {
            long start = System.nanoTime();
            pair.controllerSends(RESPONSE, DATA);
            assertReads(pair.host, RESPONSE, DATA);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo((RESPONSE.length - 1) * pause.toNanos());
        }
    }

    @Test
    void cutsAllAndRefuses() throws IOException {
        try (Pair first = open();
                Pair second = open()) {
            proxy.refuse(true);
            proxy.cutAll();
            assertReset(first.host);
            assertReset(second.controller);
            try (Socket refused =
                    new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
                assertReset(refused);
            }
            proxy.refuse(false);
            open().close();
        }
    }

    @Test
    void holdsWhatATestSays() throws Exception {
        try (Pair pair = open()) {
            Awaitility.await().until(() -> proxy.connections().size() == 1);
            ProxiedConnection connection = proxy.connections().get(0);
            connection.hold(Direction.TO_CONTROLLER);
            pair.hostSends(COMMAND);
            assertSilent(pair.controller);
            connection.release(Direction.TO_CONTROLLER);
            assertReads(pair.controller, COMMAND);
        }
    }

    @Test
    void keepsABoundOfWhatWaits() throws Exception {
        proxy.script(FaultScript.nth(Direction.TO_HOST, SeenPdu.C2H_DATA, 1, PduFault.blackHole()));
        try (Pair pair = open()) {
            byte[] large = TestPdu.c2hData(1, 0, new byte[1 << 20], 0).bytes();
            AtomicInteger sent = new AtomicInteger();
            Thread sender = new Thread(() -> {
                try {
                    while (true) {
                        pair.controllerSends(large);
                        sent.incrementAndGet();
                    }
                } catch (IOException end) {
                    // The test is over.
                }
            });
            sender.start();
            sender.join(5 * QUIET_MILLIS);
            assertThat(sender.isAlive()).isTrue();
            assertThat(sent).as("mebibytes that were taken").hasValueLessThan(32);
            proxy.close();
            sender.join(PATIENCE_MILLIS);
            assertThat(sender.isAlive()).isFalse();
        }
    }
}
