package io.nvmf.host.queue;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way from any thread to the event loop. Producers push onto a stack that is linked through the
 * requests, which needs one compare-and-set and no allocation. The event loop takes the whole stack at once and
 * reverses it. Whoever pushes onto the empty stack wakes the event loop, so there is one wake-up per turn however many
 * requests come.
 */
final class SubmissionInbox {

    /** The result of an offer. */
    enum Offer {
        /** Taken, and the event loop has to be woken. */
        FIRST,
        /** Taken, after others that will wake the event loop or have done so. */
        BEHIND,
        /** Not taken. */
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
            int beneath = below == null ? 0 : below.depth;
            if (below != null && beneath <= 0) {
                // The event loop has taken it meanwhile, so this number is no depth, and the inbox is another one.
                continue;
            }
            int depth = beneath + 1;
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
