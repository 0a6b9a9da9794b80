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
        owner.next = null;
        SlotOwner last = tail;
        if (last == null) {
            owner.previous = owner;
            head = owner;
        } else {
            owner.previous = last;
            last.next = owner;
        }
        tail = owner;
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
