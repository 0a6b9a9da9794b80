package io.nvmf.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Immutable set of transport options. */
public final class TransportOptions {

    private static final TransportOptions EMPTY = new TransportOptions(new HashMap<>());

    private final Map<TransportOption<?>, Object> values;

    private TransportOptions(Map<TransportOption<?>, Object> values) {
        this.values = values;
    }

    /**
     * No option set.
     *
     * @return the empty set
     */
    public static TransportOptions none() {
        return EMPTY;
    }

    /**
     * This set with one option more, or replaced.
     *
     * @param option the option
     * @param value its value
     * @param <T> type of the value
     * @return a new set
     * @throws IllegalArgumentException if the option does not take the value
     */
    public <T> TransportOptions with(TransportOption<T> option, T value) {
        Objects.requireNonNull(value, "value");
        option.check(value);
        Map<TransportOption<?>, Object> copy = new HashMap<>(values);
        copy.put(Objects.requireNonNull(option, "option"), Objects.requireNonNull(value, "value"));
        return new TransportOptions(copy);
    }

    /**
     * The value of an option.
     *
     * @param option the option
     * @param <T> type of the value
     * @return the value set, else the option's default
     */
    @SuppressWarnings("unchecked") // with() stores only a T under a TransportOption<T>
    public <T> @Nullable T get(TransportOption<T> option) {
        Object value = values.get(option);
        return value == null ? option.defaultValue() : (T) value;
    }

    /**
     * The value of an option that has a default.
     *
     * @param option an option
     * @param <T> type of the value
     * @return the value set, else the option's default
     * @throws IllegalStateException if the option is not set and has no default
     */
    public <T> T require(TransportOption<T> option) {
        T value = get(option);
        if (value == null) {
            throw new IllegalStateException("transport option " + option + " is not set");
        }
        return value;
    }

    /**
     * The options that are set.
     *
     * @return in no order
     */
    public Set<TransportOption<?>> present() {
        return Set.copyOf(values.keySet());
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
