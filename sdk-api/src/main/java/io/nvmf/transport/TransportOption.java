package io.nvmf.transport;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A named setting that one transport understands. Transports publish theirs as constants; options of other transports are
 * ignored.
 *
 * @param <T> type of the value
 */
public final class TransportOption<T> {

    private final String name;
    private final @Nullable T defaultValue;
    private final Function<String, T> parser;

    private TransportOption(String name, @Nullable T defaultValue, Function<String, T> parser) {
        this.name = name;
        this.defaultValue = defaultValue;
        this.parser = parser;
    }

    /**
     * Defines an option.
     *
     * @param name unique name, as written in a URI query, e.g. {@code header-digest}
     * @param defaultValue value when not set, or null
     * @param parser turns URI text into a checked value; throws {@link IllegalArgumentException}
     * @param <T> type of the value
     * @return the option
     */
    public static <T> TransportOption<T> of(String name, @Nullable T defaultValue, Function<String, T> parser) {
        return new TransportOption<>(
                Objects.requireNonNull(name, "name"), defaultValue, Objects.requireNonNull(parser, "parser"));
    }

    /**
     * The name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The value when not set.
     *
     * @return the default, may be null
     */
    public @Nullable T defaultValue() {
        return defaultValue;
    }

    /**
     * Turns text into a value.
     *
     * @param text as in a URI query
     * @return the value
     * @throws IllegalArgumentException if the text is not a legal value
     */
    public T parse(String text) {
        return parser.apply(text);
    }

    @Override
    public String toString() {
        return name;
    }
}
