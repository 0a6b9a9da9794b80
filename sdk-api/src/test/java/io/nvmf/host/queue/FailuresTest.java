package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.Termination.Side;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What users read when something fails: who did what, with the values, and what follows from it. */
class FailuresTest {

    private static final Failures FAILURES = new Failures();

    private static String text(Termination termination, CommandOutcome outcome) {
        return FAILURES.terminated("Read", termination, outcome).getMessage();
    }

    private static Termination error(Side side, String detail) {
        return new Termination.ProtocolError(side, 1, 4, detail, ByteBuffer.allocate(0));
    }

    @Test
    void whatThisHostFoundNamesFieldAndValue() {
        assertThat(text(error(Side.LOCAL, "PLEN is 23, C2HData has at least 24"), CommandOutcome.UNKNOWN))
                .isEqualTo(
                        "Read: the controller broke the protocol (FES 1, FEI 4: PLEN is 23, C2HData has at least 24);"
                                + " it is unknown whether it was carried out");
    }

    @Test
    void whatTheControllerFoundIsSaidToBeThisHosts() {
        assertThat(text(error(Side.REMOTE, "PLEN is 23"), CommandOutcome.NOT_SENT))
                .isEqualTo("Read: the controller says that this host broke the protocol (FES 1, FEI 4: PLEN is 23);"
                        + " it was not sent");
    }

    @Test
    void whatHasNoStatusOnTheWireIsGivenNone() {
        Termination unknown = Termination.ProtocolError.aboveTransport(
                Side.LOCAL, "response for command identifier 31, which is not outstanding");

        assertThat(text(unknown, CommandOutcome.NOT_CONNECTED))
                .isEqualTo("Read: the controller broke the protocol (response for command identifier 31, which is not"
                        + " outstanding)");
    }

    @Test
    void endsOfConnectionsSayWhoseTheyAre() {
        assertThat(text(new Termination.Closed(Side.LOCAL), CommandOutcome.NOT_SENT))
                .isEqualTo("Read: this host closed the connection; it was not sent");
        assertThat(text(new Termination.Closed(Side.REMOTE), CommandOutcome.NOT_CONNECTED))
                .isEqualTo("Read: the controller closed the connection");
        assertThat(text(
                        new Termination.Closed(Side.LOCAL, Termination.Closed.EVENT_LOOP_SHUT_DOWN),
                        CommandOutcome.UNKNOWN))
                .startsWith("Read: this host closed the connection: " + Termination.Closed.EVENT_LOOP_SHUT_DOWN);
        assertThat(text(new Termination.PeerReset("Connection reset by peer"), CommandOutcome.UNKNOWN))
                .startsWith("Read: the connection was reset (Connection reset by peer)");
        assertThat(text(new Termination.IoFailure(new IOException("no route")), CommandOutcome.UNKNOWN))
                .startsWith("Read: the connection failed (java.io.IOException: no route)");
    }

    @Test
    void limitsTimesAndCausesAreNumbersAndWords() {
        assertThat(FAILURES.limit("pending commands", 1025, 1024, "queue 1 has 127 slots, all taken"))
                .hasMessage("pending commands is 1025, the limit is 1024: queue 1 has 127 slots, all taken");
        assertThat(FAILURES.timeout("Identify", Duration.ofMillis(1500), CommandOutcome.NOT_CONNECTED))
                .hasMessage("Identify: no answer within 1500 ms");
        assertThat(FAILURES.unreachable("connect", new QueuePairTerminatedException(error(Side.LOCAL, "PFV is 1"))))
                .isInstanceOf(NvmeProtocolException.class)
                .hasMessage("connect: the controller broke the protocol (FES 1, FEI 4: PFV is 1)");
        assertThat(FAILURES.unreachable("connect", new IllegalStateException()))
                .hasMessage("connect: IllegalStateException");
        assertThat(FAILURES.closed(new Termination.Closed(Side.REMOTE)))
                .hasMessage("the controller is closed (the controller closed the connection); nothing was sent, connect"
                        + " again");
    }
}
