package io.nvmf.samples.perf;

import io.nvmf.command.Command;
import org.jspecify.annotations.Nullable;

/**
 * When the commands under way were started, and where they go. A completion is matched to them by its command;
 * controllers answer more or less in order, so it is found at or near the front.
 */
final class InFlight {

    private final @Nullable Command[] commands;
    private final long[] started;
    private final long[] units;
    private int head;
    private int size;

    private long foundStarted;
    private long foundUnit;

    InFlight(int depth) {
        commands = new Command[depth];
        started = new long[depth];
        units = new long[depth];
    }

    boolean isFull() {
        return size == commands.length;
    }

    void add(Command command, long start, long unit) {
        int at = index(size);
        commands[at] = command;
        started[at] = start;
        units[at] = unit;
        size++;
    }

    /** Takes out a command; the rest may change its order, which is no more than a hint. */
    void remove(Command command) {
        for (int i = 0; i < size; i++) {
            int at = index(i);
            if (commands[at] == command) {
                foundStarted = started[at];
                foundUnit = units[at];
                commands[at] = commands[head];
                started[at] = started[head];
                units[at] = units[head];
                commands[head] = null;
                head = index(1);
                size--;
                return;
            }
        }
        throw new IllegalStateException("the completion of " + command + ", which is not outstanding");
    }

    /** When the command taken out last was started. */
    long started() {
        return foundStarted;
    }

    /** The unit of the command taken out last. */
    long unit() {
        return foundUnit;
    }

    private int index(int offset) {
        int at = head + offset;
        return at < commands.length ? at : at - commands.length;
    }
}
