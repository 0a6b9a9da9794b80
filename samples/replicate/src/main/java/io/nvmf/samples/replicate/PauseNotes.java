package io.nvmf.samples.replicate;

import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.ControllerState.Live;
import io.nvmf.recovery.ControllerState.Reconnecting;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** Tells when one side is away and when it is back. */
final class PauseNotes {

    private static final double MILLIS_PER_SECOND = 1000;

    private final String side;
    private final Listener listener;
    private final Scheduler timer;
    private boolean away;
    private long since;

    PauseNotes(String side, Listener listener, Scheduler timer) {
        this.side = side;
        this.listener = listener;
        this.timer = timer;
    }

    Disposable watch(Flux<ControllerState> states) {
        return states.subscribe(this::see);
    }

    private void see(ControllerState state) {
        if (state instanceof Reconnecting lost && !away) {
            away = true;
            since = timer.now(TimeUnit.MILLISECONDS);
            listener.note(side + " lost"
                    + lost.reason().map(why -> ": " + why.getMessage()).orElse("") + "; waiting for it");
        } else if (state instanceof Live && away) {
            away = false;
            listener.note(String.format(
                    "%s is back after %.1f s", side, (timer.now(TimeUnit.MILLISECONDS) - since) / MILLIS_PER_SECOND));
        }
    }
}
