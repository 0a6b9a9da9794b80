package io.nvmf.host.association;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The states of {@link AssociationLife}. */
class AssociationStatesTest {

    private static final Termination CLOSED_HERE = new Termination.Closed(Termination.Side.LOCAL);
    private static final Termination RESET = new Termination.PeerReset("reset");

    private final AssociationLife life = new AssociationLife();
    private final List<Termination> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        life.termination().subscribe(told::add);
    }

    @Test
    void aLossIsKnownAtOnceAndToldWhenTheQueuesAreClosed() {
        assertThat(life.opened()).isTrue();

        life.lost(RESET);

        assertThat(life.isLive()).isFalse();
        assertThat(life.isEnded()).isTrue();
        assertThat(life.wasUp()).isTrue();
        assertThat(life.reason()).isEqualTo(RESET);
        assertThat(told).isEmpty();
        life.queuesClosed();
        assertThat(told).containsExactly(RESET);
    }

    @Test
    void oneCallerClosesTheQueuesOfALostAssociation() {
        assertThat(life.claimClosing()).isFalse();
        life.lost(RESET);

        assertThat(life.claimClosing()).isTrue();
        assertThat(life.claimClosing()).isFalse();
    }

    @Test
    void theFirstLossCounts() {
        life.opened();
        life.lost(RESET);
        life.lost(Termination.Closed.EVENT_LOOP_GONE);
        life.abandoned();
        life.queuesClosed();
        life.queuesClosed();

        assertThat(told).containsExactly(RESET);
    }

    @Test
    void whatIsLostWhileConnectingDoesNotComeUp() {
        life.lost(RESET);

        assertThat(life.opened()).isFalse();
        assertThat(life.wasUp()).isFalse();
    }

    @Test
    void onlyALiveAssociationIsClosedAndOnlyOnce() {
        assertThat(life.closing()).isFalse();
        life.opened();

        assertThat(life.closing()).isTrue();
        assertThat(life.closing()).isFalse();
    }

    @Test
    void queuesThatEndWhileTheUserClosesAreNoLoss() {
        life.opened();
        life.closing();

        life.lost(RESET);

        assertThat(life.isEnded()).isFalse();
        assertThat(life.claimClosing()).isFalse();
        life.closed();
        life.queuesClosed();
        assertThat(life.isEnded()).isTrue();
        assertThat(told).containsExactly(CLOSED_HERE);
    }

    @Test
    void whatNobodyWantsEndsAsClosedHere() {
        life.abandoned();
        life.queuesClosed();

        assertThat(life.isEnded()).isTrue();
        assertThat(told).containsExactly(CLOSED_HERE);
    }
}
