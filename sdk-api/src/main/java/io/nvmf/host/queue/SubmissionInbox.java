package io.nvmf.host.queue;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way from any thread to the event loop. Producers push onto a stack linked through the requests,
 * which needs one compare-and-set and no allocation; the event loop takes the whole stack at once and turns it round.
 * Whoever pushes onto the empty stack wakes the event loop, so there is one wake-up per turn however many requests
 * come.
 */
final class SubmissionInbox {

    /** What came of a push. */
    enum Offer {
        /** In, and the event loop has to be woken. */
        FIRST,
        /** In, behind others. */
        BEHIND,
        /** Not in. */
        FULL
    }

    private final AtomicReference<@Nullable Request> top = new AtomicReference<>();
    private final int limit;

    /**
     * @param limit number of requests that may be under way, at least 1; those with reserved slots always may
     */
    SubmissionInbox(int limit) {
        this.limit = limit;
    }

    /** Any thread. */
    Offer offer(Request request) {
        while (true) {
            Request below = top.get();
            int depth = below == null ? 1 : below.depth + 1;
            if (depth > limit && !request.longRunning() && !request.essential()) {
                return Offer.FULL;
            }
            request.depth = depth;
            request.next = below;
            if (top.compareAndSet(below, request)) {
                return below == null ? Offer.FIRST : Offer.BEHIND;
            }
        }
    }

    /** Takes everything, oldest first, linked by {@code next}. */
    @Nullable
    Request takeAll() {
        SlotOwner rest = top.get() == null ? null : top.getAndSet(null);
        SlotOwner oldest = null;
        while (rest != null) {
            SlotOwner below = rest.next;
            rest.next = oldest;
            oldest = rest;
            rest = below;
        }
        return (Request) oldest;
    }
}
