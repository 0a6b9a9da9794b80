package io.nvmf.subsystem.engine;

import io.nvmf.spec.KeepAliveTimer;
import io.nvmf.subsystem.TargetOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The keep alive timer of a controller (KATO), restarted by every command; and the bounds of the target for hosts that
 * ask for none, or for more. Commands only leave a mark. The marks are checked four times per timeout, so the
 * association of a silent host ends between one and one and a quarter timeouts after its last command. State belongs to
 * the controller's event loop.
 */
final class KeepAliveWatch {

    /** KAS: granularity in units of 100 ms. */
    static final int GRANULARITY = 1;

    private static final int LOOKS = 4;

    private final Controller controller;
    private final Scheduler timer;
    private long timeout;

    /** How long the host may be silent, in milliseconds; 0 for ever. */
    private long allowed;

    private int idleLooks;
    private @Nullable Disposable task;

    KeepAliveWatch(Controller controller, Scheduler timer) {
        this.controller = controller;
        this.timer = timer;
    }

    /** Starts anew with a timeout in milliseconds, rounded up to KAS; 0 for none. */
    void start(long millis) {
        stop();
        timeout = new KeepAliveTimer(millis).roundedUp(GRANULARITY).millis();
        idleLooks = 0;
        allowed = allowedSilence();
        if (allowed > 0) {
            long period = TimeUnit.MILLISECONDS.toMicros(allowed) / LOOKS;
            Disposable fresh = timer.schedulePeriodically(
                    () -> controller.execute(this::look), period, period, TimeUnit.MICROSECONDS);
            task = fresh;
        }
    }

    private long allowedSilence() {
        TargetOptions limits = controller.limits();
        long silence = timeout == 0 && controller.subsystem().isDiscovery()
                ? limits.discoveryIdle().toMillis()
                : timeout;
        long limit = limits.idleLimit().toMillis();
        return limit > 0 && (silence == 0 || limit < silence) ? limit : silence;
    }

    void stop() {
        Disposable running = task;
        if (running != null) {
            running.dispose();
            task = null;
        }
    }

    private void look() {
        if (task == null) {
            return;
        }
        if (controller.takeTraffic()) {
            idleLooks = 0;
        } else if (++idleLooks == LOOKS) {
            stop();
            controller.keepAliveExpired(allowed);
        }
    }

    /** KATO in milliseconds. */
    long timeout() {
        return timeout;
    }
}
