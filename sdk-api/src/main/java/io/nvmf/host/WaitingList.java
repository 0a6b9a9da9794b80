package io.nvmf.host;

import org.jspecify.annotations.Nullable;

/**
 * The users that wait for a slot, first come first served. Doubly linked through the users themselves, because cancelling one of
 * many must not walk the list. Event loop only.
 */
final class WaitingList {

    private @Nullable SlotUser head;
    private @Nullable SlotUser tail;

    boolean isEmpty() {
        return head == null;
    }

    void add(SlotUser user) {
        user.waiting = true;
        user.next = null;
        SlotUser last = tail;
        user.previous = last;
        if (last == null) {
            head = user;
        } else {
            last.next = user;
        }
        tail = user;
    }

    @Nullable
    SlotUser poll() {
        SlotUser first = head;
        if (first != null) {
            remove(first);
        }
        return first;
    }

    void remove(SlotUser user) {
        SlotUser before = user.previous;
        SlotUser after = user.next;
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
