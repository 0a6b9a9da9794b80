package io.nvmf.samples.webflux.event;

import io.nvmf.NvmeController;
import io.nvmf.event.NvmeEvent;
import io.nvmf.samples.webflux.connection.AssociationStatus;
import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Where events come from: the states of the association, the controller, the transfers, and the clock. Starts with the
 * application. Stops before the HTTP server does, so that streams of events, which have no end of their own, are not
 * waited for.
 */
final class EventSources implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(EventSources.class);
    private static final Duration RATES_EVERY = Duration.ofSeconds(1);
    private static final Duration TRANSFERS_EVERY = Duration.ofMillis(250);
    private static final Duration CONTROLLER_AGAIN = Duration.ofSeconds(1);

    private final EventHub hub;
    private final Scheduler scheduler;
    private final NvmeConnection connection;
    private final AssociationStatus status;
    private final Transfers transfers;
    private final Rates rates;

    // On the scheduler's thread only.
    private Map<Long, TransferView> told = Map.of();

    private volatile Disposable.Composite running = Disposables.composite();
    private volatile boolean started;

    EventSources(
            EventHub hub,
            Scheduler scheduler,
            NvmeConnection connection,
            AssociationStatus status,
            Transfers transfers,
            Rates rates) {
        this.hub = hub;
        this.scheduler = scheduler;
        this.connection = connection;
        this.status = status;
        this.transfers = transfers;
        this.rates = rates;
    }

    @Override
    public void start() {
        started = true;
        running = Disposables.composite();
        running.add(status.follow(state -> hub.emit("state", state)));
        running.add(connection
                .controller()
                .flatMapMany(NvmeController::events)
                .repeatWhen(ends -> ends.delayElements(CONTROLLER_AGAIN, scheduler))
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, CONTROLLER_AGAIN).scheduler(scheduler))
                .subscribe(event -> hub.emit("nvme", view(event)), failure -> log.warn("no more events", failure)));
        transfers.onEnd(view -> hub.emit("transfer", view));
        running.add(every(TRANSFERS_EVERY, this::tellTransfers));
        running.add(every(RATES_EVERY, () -> hub.emit("rates", rates.next())));
    }

    private Disposable every(Duration period, Runnable task) {
        return scheduler.schedulePeriodically(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.warn("an event was not told", e);
                    }
                },
                period.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Those that have changed since they were told last. */
    private void tellTransfers() {
        Map<Long, TransferView> now = new HashMap<>();
        List<TransferView> active = hub.hasListeners() ? transfers.active() : List.of();
        for (TransferView view : active) {
            now.put(view.id(), view);
            if (!view.equals(told.get(view.id()))) {
                hub.emit("transfer", view);
            }
        }
        told = now;
    }

    private static NvmeEventView view(NvmeEvent event) {
        return new NvmeEventView(Instant.now(), event.getClass().getSimpleName(), EventText.of(event));
    }

    @Override
    public void stop() {
        started = false;
        running.dispose();
        hub.complete();
    }

    @Override
    public boolean isRunning() {
        return started;
    }

    /** What the controller has told, as JSON. */
    private record NvmeEventView(Instant time, String kind, String text) {}
}
