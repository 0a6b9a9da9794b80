package io.nvmf.host.association;

import io.nvmf.spec.ControllerStatus;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Looks at CSTS now and then, because a controller that fails fatally need not close its connections. */
final class ControllerWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerWatch.class);

    private ControllerWatch() {}

    /**
     * Starts to look.
     *
     * @param admin asks
     * @param interval time between an answer and the next question
     * @param parameters of the association, with the timer that runs the intervals
     * @param failed called once CSTS.CFS is set; nothing is asked afterwards
     * @return stops
     */
    static Disposable start(AdminCommands admin, Duration interval, AssociationParameters parameters, Runnable failed) {
        Scheduler timer = parameters.timer();
        return StatusPoll.until(admin, ControllerStatus::fatal, interval, timer)
                .delaySubscription(interval, timer)
                .subscribe(
                        fatal -> failed.run(),
                        stopped -> LOG.debug("[{}] CSTS is not looked at any more", parameters.id(), stopped));
    }
}
