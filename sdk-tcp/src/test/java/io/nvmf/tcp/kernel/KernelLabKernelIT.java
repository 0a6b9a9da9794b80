package io.nvmf.tcp.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.testing.kernel.KernelLab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The lab itself: a judge whose own tools are wrong acquits everybody. */
class KernelLabKernelIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final KernelLab lab = KernelLab.require();

    @Test
    void statusAndOutputOfAGuestCommandArrive() {
        KernelLab.Result result = lab.guest("echo out; echo \"it's\" >&2; exit 7", LIMIT);

        assertThat(result).isEqualTo(new KernelLab.Result(7, "out\nit's\n"));
    }

    @Test
    void failingGuestCommandFailsTheTestWithItsOutput() {
        assertThatThrownBy(() -> lab.succeed("echo reason; false", LIMIT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("reason");
    }

    @Test
    void guestCommandIsKilledAtItsLimit() {
        assertThat(lab.guest("sleep 1000", Duration.ofSeconds(1)).status()).isEqualTo(137);
    }

    @Test
    void discoveryNamesAddressesThatCanBeDialledFromHere() {
        String log =
                lab.succeed("nvme discover -t tcp -a 127.0.0.1 -s " + lab.tcp().getPort(), LIMIT);

        assertThat(log)
                .contains(KernelLab.MAIN, KernelLab.SMALL)
                .containsPattern("trsvcid: *" + lab.tcp().getPort())
                .containsPattern("trsvcid: *" + lab.tcp2().getPort());
    }

    @Test
    void guestReachesAListenerOnTheLoopbackOfThisMachineAndItsConnectionsCanBeAborted() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
            int port = listener.getLocalPort();
            CompletableFuture<String> dial = CompletableFuture.supplyAsync(
                    () -> lab.succeed("nc " + lab.hostFromGuest() + " " + port + " >/dev/null 2>&1 &", LIMIT));
            try (Socket accepted = listener.accept()) {
                accepted.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
                dial.join();

                assertThat(lab.abortConnections(port)).isEqualTo(1);
                assertThat(readToEnd(accepted)).isEqualTo(-1);
            }
        }
    }

    @Test
    void pulledLinkIsSilentUntilItIsBack() {
        lab.link(false);
        try {
            assertThatThrownBy(() -> lab.guest("true", Duration.ZERO)).hasMessageContaining("no answer");
        } finally {
            lab.link(true);
        }
        assertThat(lab.guest("true", LIMIT).status()).isZero();
    }

    /** A reset ends a connection as well as its end of stream does. */
    private static int readToEnd(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("still open", e);
        } catch (IOException reset) {
            return -1;
        }
    }
}
