package io.nvmf.subsystem.engine;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Asynchronous Event Requests that a host has outstanding, and the events that wait for one (Base: "Asynchronous
 * Event Request"). An event is told once and then masked until the host reads its log page without RAE. Event loop of
 * the admin queue only; the number of events that wait is bounded.
 */
final class EventRequests {

    /** How many a host may have outstanding (AERL plus one). */
    static final int LIMIT = 4;

    /** More than there are kinds of events. */
    private static final int MAX_WAITING = 32;

    private static final Logger LOG = LoggerFactory.getLogger(EventRequests.class);

    private final TargetQueue adminQueue;
    private final ArrayDeque<Integer> held = new ArrayDeque<>(LIMIT);
    private final Set<AsyncEvent> waiting = new LinkedHashSet<>();
    private final Set<AsyncEvent> masked = new HashSet<>();

    EventRequests(TargetQueue adminQueue) {
        this.adminQueue = adminQueue;
    }

    /** Keeps a request until there is an event; false if there are as many as there may be. */
    boolean hold(int commandId) {
        if (held.size() == LIMIT) {
            return false;
        }
        held.add(commandId);
        adminQueue.hold();
        tell();
        return true;
    }

    /** Abort; false if there is none of that identifier. */
    boolean abort(int commandId) {
        if (!held.remove(commandId)) {
            return false;
        }
        adminQueue.unhold(commandId, TargetStatus.ABORT_REQUESTED);
        return true;
    }

    /**
     * A command has come with this identifier. If it is that of a held request, the host has forgotten that one: SPDK's
     * hosts do so with all of theirs before they shut a controller down. They get no answer any more, which the host
     * would take for one to its new command, or could not match at all.
     *
     * @return whether the identifier is free now
     */
    boolean givenUp(int commandId) {
        if (!held.contains(commandId)) {
            return false;
        }
        LOG.debug(
                "{}: the host uses identifier {} of an event request again: it has given up its {}",
                adminQueue,
                commandId,
                held.size());
        drop(null);
        return true;
    }

    /** Lets go of all requests, answered with a status or, null, not at all. */
    void drop(@Nullable Status status) {
        List<Integer> requests = new ArrayList<>(held);
        held.clear();
        requests.forEach(commandId -> adminQueue.unhold(commandId, status));
    }

    /** Forgets requests and events, as a controller reset does. */
    void reset() {
        drop(null);
        waiting.clear();
        masked.clear();
    }

    /**
     * Tells the host of an event, as soon as there is a request, unless it has been told and not looked yet. Events
     * that differ in what is specific to them only are the same one. One without a log page cannot be looked at, and is
     * told each time.
     */
    void post(AsyncEvent event) {
        if (waiting.size() == MAX_WAITING) {
            LOG.debug("{}: {} is not told: {} others wait", adminQueue, event, MAX_WAITING);
        } else if (event.logPage() == 0 ? waiting.add(event) : masked.add(kind(event)) && waiting.add(event)) {
            tell();
        }
    }

    private static AsyncEvent kind(AsyncEvent event) {
        return new AsyncEvent(event.type(), event.information(), event.logPage(), 0);
    }

    /** The host does not want to hear of these events any more, or there is nothing to hear. */
    void withdraw(Predicate<AsyncEvent> events) {
        waiting.removeIf(event -> {
            boolean withdrawn = events.test(event);
            if (withdrawn) {
                masked.remove(kind(event));
            }
            return withdrawn;
        });
    }

    /** The host has read a log page without RAE: its events are known, and new ones are worth telling. */
    void acknowledged(int logPage) {
        waiting.removeIf(event -> event.logPage() == logPage);
        masked.removeIf(event -> event.logPage() == logPage);
    }

    private void tell() {
        Iterator<AsyncEvent> events = waiting.iterator();
        while (events.hasNext() && !held.isEmpty()) {
            AsyncEvent event = events.next();
            events.remove();
            adminQueue.unhold(held.remove(), event);
        }
    }
}
