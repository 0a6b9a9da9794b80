package io.nvmf.subsystem.engine;

import io.nvmf.subsystem.BlockStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls of stores that a queue waits for, linked through themselves. Event loop only. */
final class StoreCalls {

    private @Nullable StoreCall<?> first;

    private final List<Awaiting> awaiting = new ArrayList<>(0);

    /** Who waits for the end of the calls of a store. */
    private record Awaiting(@Nullable BlockStore store, Runnable over) {}

    void add(StoreCall<?> call) {
        StoreCall<?> second = first;
        call.next = second;
        if (second != null) {
            second.previous = call;
        }
        first = call;
    }

    /**
     * Waits until a store is at work for no command.
     *
     * @param store whom commands have stopped to call
     * @param over runs when its last call has been answered, at once if there is none
     */
    void awaitNone(BlockStore store, Runnable over) {
        await(new Awaiting(store, over));
    }

    /**
     * Waits until no store is at work.
     *
     * @param over runs when the last call has been answered, at once if there is none
     */
    void awaitNone(Runnable over) {
        await(new Awaiting(null, over));
    }

    private void await(Awaiting wait) {
        if (isAtWork(wait.store)) {
            awaiting.add(wait);
        } else {
            wait.over.run();
        }
    }

    /** Whether a store is, or, null, any. */
    private boolean isAtWork(@Nullable Object store) {
        if (store == null) {
            return first != null;
        }
        for (StoreCall<?> call = first; call != null; call = call.next) {
            if (call.isOf(store)) {
                return true;
            }
        }
        return false;
    }

    private void tellThoseWhoWait() {
        List<Awaiting> over =
                awaiting.stream().filter(wait -> !isAtWork(wait.store)).toList();
        awaiting.removeAll(over);
        over.forEach(wait -> wait.over.run());
    }

    void remove(StoreCall<?> call) {
        StoreCall<?> previous = call.previous;
        StoreCall<?> next = call.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        call.previous = null;
        call.next = null;
        if (!awaiting.isEmpty()) {
            tellThoseWhoWait();
        }
    }

    /** What is waited for, newest first, in words. */
    List<String> describe() {
        List<String> calls = new ArrayList<>();
        for (StoreCall<?> call = first; call != null; call = call.next) {
            calls.add(call.toString());
        }
        return calls;
    }
}
