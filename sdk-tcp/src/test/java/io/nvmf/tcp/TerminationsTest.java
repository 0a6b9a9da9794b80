package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.tls.TlsException;
import io.nvmf.transport.Termination;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the end of a connection is called. */
class TerminationsTest {

    /** As Linux closes its I/O queues when it disconnects: that must not be the end of the admin queue as well. */
    @Test
    void anEndOfTlsWithoutAWordIsAReset() {
        assertThat(Terminations.failed(TlsException.truncated()))
                .isInstanceOfSatisfying(
                        Termination.PeerReset.class,
                        reset -> assertThat(reset.detail()).contains("close_notify"));
    }

    @Test
    void whatTheOperatingSystemCallsAResetIsOne() {
        assertThat(Terminations.failed(new IOException("Connection reset by peer")))
                .isInstanceOf(Termination.PeerReset.class);
    }

    @Test
    void anyOtherFailureIsOne() {
        IOException failure = new IOException("no route");

        assertThat(Terminations.failed(failure)).isEqualTo(new Termination.IoFailure(failure));
    }
}
