package io.nvmf.host.queue;

import org.jspecify.annotations.Nullable;

/**
 * Owners that wait for a slot, first come first served. They are doubly linked themselves, so that cancelling one of
 * many does not walk the list. Event loop only.
 */
final class WaitingList {

    private @Nullable SlotOwner head;
    private @Nullable SlotOwner tail;

    boolean isEmpty() {
        return head == null;
    }

    void add(SlotOwner owner) {
        insert(tail, owner);
    }

    /**
     * Adds a request behind those that have waited for longer, which are all of them unless it has waited elsewhere
     * before. So the first request is always the one whose time is over first.
     */
    void addByAge(Request request) {
        SlotOwner before = tail;
        while (before instanceof Request other && other.since - request.since > 0) {
            before = before == head ? null : before.previous;
        }
        insert(before, request);
    }

    /** The request that has waited for the longest of those that this queue times; null if there is none. */
    @Nullable
    Request firstTimed() {
        SlotOwner first = head;
        while (first != null && (!(first instanceof Request) || first.untimed())) {
            first = first.next;
        }
        return (Request) first;
    }

    private void insert(@Nullable SlotOwner before, SlotOwner owner) {
        SlotOwner after = before == null ? head : before.next;
        owner.previous = before == null ? owner : before;
        owner.next = after;
        if (before == null) {
            head = owner;
        } else {
            before.next = owner;
        }
        if (after == null) {
            tail = owner;
        } else {
            after.previous = owner;
        }
    }

    @Nullable
    SlotOwner poll() {
        SlotOwner first = head;
        if (first != null) {
            remove(first);
        }
        return first;
    }

    void remove(SlotOwner owner) {
        SlotOwner before = owner == head ? null : owner.previous;
        SlotOwner after = owner.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before == null ? after : before;
        }
        owner.previous = null;
        owner.next = null;
    }
}
