package io.nvmf.host.queue;

import org.jspecify.annotations.Nullable;

/**
 * The users that wait for a slot, first come first served. Doubly linked through the users themselves, because
 * cancelling one of many must not walk the list. Event loop only.
 */
final class WaitingList {

    private @Nullable SlotOwner head;
    private @Nullable SlotOwner tail;

    boolean isEmpty() {
        return head == null;
    }

    void add(SlotOwner user) {
        user.waiting = true;
        user.next = null;
        SlotOwner last = tail;
        user.previous = last;
        if (last == null) {
            head = user;
        } else {
            last.next = user;
        }
        tail = user;
    }

    @Nullable
    SlotOwner poll() {
        SlotOwner first = head;
        if (first != null) {
            remove(first);
        }
        return first;
    }

    void remove(SlotOwner user) {
        SlotOwner before = user.previous;
        SlotOwner after = user.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before;
        }
        user.previous = null;
        user.next = null;
        user.waiting = false;
    }
}
