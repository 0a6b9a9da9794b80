package io.nvmf.transport;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A named setting that one transport understands. Transports publish theirs as constants; options of other transports
 * are ignored.
 *
 * @param <T> type of the value
 */
public final class TransportOption<T> {

    private final String name;
    private final @Nullable T defaultValue;
    private final Function<String, T> parser;
    private final Consumer<? super T> checker;
    private final Function<? super T, String> writer;

    private TransportOption(
            String name,
            @Nullable T defaultValue,
            Function<String, T> parser,
            Consumer<? super T> checker,
            Function<? super T, String> writer) {
        this.name = name;
        this.defaultValue = defaultValue;
        this.parser = parser;
        this.checker = checker;
        this.writer = writer;
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
        return of(name, defaultValue, parser, value -> {}, String::valueOf);
    }

    /**
     * Defines an option whose values are checked where they are set.
     *
     * @param name unique name, as written in a URI query, e.g. {@code header-digest}
     * @param defaultValue value when not set, or null
     * @param parser turns URI text into a value; throws {@link IllegalArgumentException}
     * @param checker throws {@link IllegalArgumentException} for values that are not taken, with the bound in the
     *     message
     * @param writer turns a value into URI text that the parser turns into the same value
     * @param <T> type of the value
     * @return the option
     */
    public static <T> TransportOption<T> of(
            String name,
            @Nullable T defaultValue,
            Function<String, T> parser,
            Consumer<? super T> checker,
            Function<? super T, String> writer) {
        return new TransportOption<>(
                Objects.requireNonNull(name, "name"),
                defaultValue,
                Objects.requireNonNull(parser, "parser"),
                Objects.requireNonNull(checker, "checker"),
                Objects.requireNonNull(writer, "writer"));
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
        T value = parser.apply(text);
        checker.accept(value);
        return value;
    }

    /**
     * Checks a value.
     *
     * @param value the value
     * @throws IllegalArgumentException if it is not taken; the message has the bound
     */
    public void check(T value) {
        checker.accept(value);
    }

    /**
     * Turns a value into text.
     *
     * @param value a legal value
     * @return what {@link #parse} turns into the same value; null if there is no such text, as for objects of this JVM
     */
    public @Nullable String write(T value) {
        String text = writer.apply(value);
        try {
            return parse(text).equals(value) ? text : null;
        } catch (IllegalArgumentException notText) {
            return null;
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
