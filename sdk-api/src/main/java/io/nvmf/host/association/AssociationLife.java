package io.nvmf.host.association;

import io.nvmf.transport.Termination;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Where an association is in its life, and how it ended. Any thread.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>From</th><th>To</th><th>When</th></tr>
 * <tr><td>OPENING</td><td>LIVE</td><td>all steps of connecting have succeeded</td></tr>
 * <tr><td>OPENING, LIVE</td><td>ENDED</td><td>a queue or the controller is lost</td></tr>
 * <tr><td>LIVE</td><td>CLOSING</td><td>the user closes</td></tr>
 * <tr><td>CLOSING</td><td>ENDED</td><td>the controller has shut down, or did not in time</td></tr>
 * <tr><td>any</td><td>ENDED</td><td>connecting has failed or was cancelled</td></tr>
 * </table>
 *
 * <p>ENDED comes first, then the queues are closed, and the last thing is the signal that tells of the end.
 */
final class AssociationLife {

    private enum State {
        OPENING,
        LIVE,
        CLOSING,
        ENDED
    }

    private static final Termination CLOSED_HERE = new Termination.Closed(Termination.Side.LOCAL);

    private final AtomicReference<State> state = new AtomicReference<>(State.OPENING);
    private final AtomicReference<@Nullable Termination> reason = new AtomicReference<>();

    /** The association is lost, and nobody has closed its queues yet. */
    private final AtomicBoolean queuesAreOpen = new AtomicBoolean();

    private final Sinks.One<Termination> lost = Sinks.one();
    private final Sinks.One<Termination> ended = Sinks.one();

    private volatile boolean up;

    /** Everything is connected. False if the association has ended meanwhile. */
    boolean opened() {
        boolean opened = state.compareAndSet(State.OPENING, State.LIVE);
        if (opened) {
            up = true;
        }
        return opened;
    }

    /** The user closes. False if that has happened before, or the association is not live for another reason. */
    boolean closing() {
        return state.compareAndSet(State.LIVE, State.CLOSING);
    }

    /** The user's close has run as far as the queues. */
    void closed() {
        state.set(State.ENDED);
        reason.set(CLOSED_HERE);
    }

    /** Nobody wants this association, whatever state it is in. */
    void abandoned() {
        state.set(State.ENDED);
        reason.compareAndSet(null, CLOSED_HERE);
    }

    /** A queue or the controller is lost. Without effect once the association is closing or has ended. */
    void lost(Termination why) {
        if (state.compareAndSet(State.LIVE, State.ENDED) || state.compareAndSet(State.OPENING, State.ENDED)) {
            reason.set(why);
            queuesAreOpen.set(true);
            lost.tryEmitValue(why);
        }
    }

    /** {@return true for the first caller after the association was lost, who has to close its queues} */
    boolean claimClosing() {
        return queuesAreOpen.compareAndSet(true, false);
    }

    /** All queues are closed: tells of the end. */
    void queuesClosed() {
        Termination why = reason.get();
        ended.tryEmitValue(why == null ? CLOSED_HERE : why);
    }

    /** {@return why the association has ended, null before} */
    @Nullable
    Termination reason() {
        return reason.get();
    }

    /** {@return emits once, if and when the association is lost, before its queues are closed; hot and replayed} */
    Mono<Termination> loss() {
        return lost.asMono();
    }

    /** {@return emits once, after all queues are closed; hot and replayed} */
    Mono<Termination> termination() {
        return ended.asMono();
    }

    boolean isLive() {
        return state.get() == State.LIVE;
    }

    boolean isEnded() {
        return state.get() == State.ENDED;
    }

    /** {@return whether it was live once} */
    boolean wasUp() {
        return up;
    }
}
