package io.nvmf.testing;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/** What is written to a logger, as text and by level. */
public final class LogLines {

    private record Line(Level level, String text) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Level least;

    /** With a logger on which everything from this level on is enabled. */
    public LogLines(Level least) {
        this.least = least;
    }

    /** The logger. It knows the methods that take a format and arguments, and those that ask for a level. */
    public Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    for (Level level : Level.values()) {
                        boolean enabled = level.toInt() >= least.toInt();
                        if (method.getName().equalsIgnoreCase("is" + level + "Enabled")) {
                            return enabled;
                        }
                        if (enabled && method.getName().equalsIgnoreCase(level.name())) {
                            lines.add(new Line(level, text(arguments)));
                        }
                    }
                    return null;
                });
    }

    private static String text(Object[] arguments) {
        Object[] values = Arrays.copyOfRange(arguments, 1, arguments.length);
        if (values.length == 1 && values[0] instanceof Object[] array) {
            values = array;
        }
        return MessageFormatter.arrayFormat((String) arguments[0], values).getMessage();
    }

    /** The lines of a level, in order. */
    public List<String> at(Level level) {
        return lines.stream()
                .filter(line -> line.level == level)
                .map(Line::text)
                .toList();
    }

    /** Forgets what has been written. */
    public void clear() {
        lines.clear();
    }
}
