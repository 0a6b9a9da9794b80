package io.nvmf.host.event;

import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.AsyncEventConfiguration;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Property;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The asynchronous events of one association: says which the host wants, keeps requests for them outstanding, and has
 * one event after the other looked into. While nothing happens this costs the slots of the requests and nothing else.
 *
 * <p>A controller that knows no events has none. One that answers requests with errors gets no more of them after
 * {@value #MOST_FAILURES} in a row, and one that answers all of them at once is asked at a bounded rate.
 */
public final class AssociationEvents {

    private static final Logger LOG = LoggerFactory.getLogger(AssociationEvents.class);

    /** How many requests are outstanding at most. */
    static final int MOST_REQUESTS = 4;

    /** How many errors in a row end the requests. */
    static final int MOST_FAILURES = 8;

    /** How long a request waits that may not be sent at once. */
    static final Duration DELAY = Duration.ofSeconds(1);

    /** The critical warnings that exist over fabrics; some controllers refuse the reserved bits. */
    private static final int SMART_WARNINGS = 0x1F;

    private static final int NOTICES = AsyncEventConfiguration.NAMESPACE_ATTRIBUTE
            | AsyncEventConfiguration.FIRMWARE_ACTIVATION
            | AsyncEventConfiguration.ANA_CHANGE;

    private record Answered(EventRequest request, AsyncEvent event) {}

    private final Association association;
    private final HostQueue admin;
    private final ControllerEvents events;
    private final EventDetails details;
    private final NamespaceNotices namespaces;

    // Event loop of the admin queue only.
    private final EventPace pace = new EventPace();
    private final Queue<Answered> answered = new ArrayDeque<>(MOST_REQUESTS);
    private boolean lookingInto;
    private int failuresInARow;
    private boolean stopped;

    /**
     * The events of an association, of which none are asked for yet.
     *
     * @param association has come up
     * @param events where they are told
     * @param namespaces knows the namespaces that users have
     * @param pause holds back commands while firmware is activated
     */
    public AssociationEvents(
            Association association, ControllerEvents events, NamespaceWatch namespaces, IoPause pause) {
        this.association = association;
        this.admin = association.adminQueue();
        this.events = events;
        this.namespaces = new NamespaceNotices(association, namespaces);
        this.details =
                new EventDetails(association, this.namespaces, new FirmwareActivation(association, events, pause));
    }

    /**
     * Asks for events. What the controller changes from then on is told.
     *
     * @return completes when the requests have left, or when it is known that there are no events; never an error. On
     *     the event loop of the admin queue
     */
    public Mono<Void> start() {
        return Mono.defer(() -> {
                    AsyncEventConfiguration wanted = wanted();
                    int places = places();
                    if (wanted.value() == 0 || places == 0) {
                        LOG.debug(
                                "[{}] no events are asked for, with mask {} and {} places",
                                association.id(),
                                wanted,
                                places);
                        return Mono.empty();
                    }
                    return association
                            .adminCommands()
                            .essential()
                            .setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, wanted.value())
                            .doOnNext(done -> request(places))
                            .then(Mono.defer(() -> settle(wanted)));
                })
                .onErrorResume(NvmeException.class, failure -> {
                    LOG.debug("[{}] there are no events", association.id(), failure);
                    return Mono.empty();
                });
    }

    private AsyncEventConfiguration wanted() {
        IdentifyController identify = association.identify();
        int supported = (int) identify.get(IdentifyController.Field.OAES);
        return new AsyncEventConfiguration(
                association.isDiscovery()
                        ? supported & AsyncEventConfiguration.DISCOVERY_LOG_CHANGE
                        : supported & NOTICES | SMART_WARNINGS);
    }

    private int places() {
        int limit = association.identify().asyncEventRequestLimit();
        return Math.min(Math.min(MOST_REQUESTS, association.eventPlaces()), limit);
    }

    private void request(int places) {
        for (int i = 0; i < places && !stopped; i++) {
            admin.submit(new EventRequest(this));
        }
    }

    /** The answer to a command that follows the requests shows that they have left. */
    private Mono<Void> settle(AsyncEventConfiguration wanted) {
        if (stopped) {
            return Mono.empty();
        }
        return wanted.has(AsyncEventConfiguration.NAMESPACE_ATTRIBUTE)
                ? namespaces.begin()
                : association
                        .adminCommands()
                        .essential()
                        .propertyGet(Property.CSTS)
                        .then();
    }

    /** A request was answered. */
    void answered(EventRequest request, ResponseCapsule response) {
        if (!response.isSuccess()) {
            refused(request, response.status());
            return;
        }
        failuresInARow = 0;
        AsyncEvent event = AsyncEvent.decode(response.dw0(), response.dw1());
        LOG.debug("[{}] the controller tells of {}", association.id(), event);
        answered.add(new Answered(request, event));
        lookIntoNext();
    }

    /** One after the other: what is told of namespaces depends on what was told before. */
    private void lookIntoNext() {
        if (lookingInto) {
            return;
        }
        Answered next = answered.poll();
        if (next != null) {
            lookingInto = true;
            details.of(next.event)
                    .subscribe(
                            events::tell,
                            failure -> {
                                LOG.debug("[{}] what {} is about is not known", association.id(), next.event, failure);
                                lookedInto(next.request);
                            },
                            () -> lookedInto(next.request));
        }
    }

    private void lookedInto(EventRequest request) {
        lookingInto = false;
        sendAgain(request);
        lookIntoNext();
    }

    private void refused(EventRequest request, Status status) {
        if (status.is(StatusCode.INVALID_COMMAND_OPCODE)) {
            stop("it does not know the request");
        } else if (status.is(StatusCode.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED)
                || status.is(StatusCode.ABORT_REQUESTED)
                || status.is(StatusCode.ABORTED_SQ_DELETION)) {
            LOG.debug("[{}] one event request less, because the controller answered {}", association.id(), status);
        } else if (++failuresInARow < MOST_FAILURES) {
            sendAgain(request);
        } else if (!stopped) {
            LOG.warn(
                    "[{}] the controller tells of no more events: it answered {} requests in a row with errors, the"
                            + " last with {}",
                    association.id(),
                    MOST_FAILURES,
                    status);
            stop("too many errors");
        }
    }

    private void stop(String why) {
        stopped = true;
        LOG.debug("[{}] the controller is not asked for events any more: {}", association.id(), why);
    }

    /** A request has not left, or is lost with its queue. */
    void unanswered(EventRequest request, RuntimeException failure) {
        if (failure instanceof NvmeLimitException) {
            // Others have the reserved slots at the moment.
            sendLater(request);
        }
    }

    private void sendAgain(EventRequest request) {
        if (stopped || !association.isLive()) {
            return;
        }
        if (pace.take(association.timer().now(TimeUnit.NANOSECONDS))) {
            admin.submit(request);
        } else {
            sendLater(request);
        }
    }

    private void sendLater(EventRequest request) {
        try {
            association
                    .timer()
                    .schedule(() -> admin.leaveTimer(() -> sendAgain(request)), DELAY.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException disposed) {
            LOG.warn(
                    "[{}] one event request less, because its timer takes no tasks any more",
                    association.id(),
                    disposed);
        }
    }
}
