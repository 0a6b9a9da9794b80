package io.nvmf.subsystem.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls of stores that a queue waits for, linked through themselves. Event loop only. */
final class StoreCalls {

    private @Nullable StoreCall<?> first;

    void add(StoreCall<?> call) {
        StoreCall<?> second = first;
        call.next = second;
        if (second != null) {
            second.previous = call;
        }
        first = call;
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
