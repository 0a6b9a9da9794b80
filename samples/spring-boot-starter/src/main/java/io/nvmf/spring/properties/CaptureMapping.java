package io.nvmf.spring.properties;

import io.nvmf.tcp.TcpOptions;
import io.nvmf.transport.TransportOption;

/** Sets the options of a capture, for a client or for a target. */
public final class CaptureMapping {

    private final CaptureProperties properties;
    private final Limits limits;

    /**
     * How a client, or a target, is given an option.
     *
     * @param <C> type of client or target
     */
    @FunctionalInterface
    public interface Setter<C> {

        /**
         * Sets an option.
         *
         * @param configured what has it then
         * @param option which
         * @param value its value
         * @param <T> type of the value
         * @return the changed copy
         * @throws IllegalArgumentException if the value is out of range
         */
        <T> C set(C configured, TransportOption<T> option, T value);
    }

    /**
     * A mapping of some properties.
     *
     * @param prefix name of the properties up to the last dot, such as {@code nvmf.client.capture}
     * @param properties the properties
     */
    public CaptureMapping(String prefix, CaptureProperties properties) {
        this.properties = properties;
        this.limits = new Limits(prefix);
    }

    /**
     * Sets what the properties set.
     *
     * @param start a client or a target
     * @param setter how it is set
     * @param <C> type of client or target
     * @return the changed copy
     * @throws InvalidNvmePropertyException if a property is out of range
     */
    public <C> C apply(C start, Setter<C> setter) {
        C configured = start;
        if (properties.file() != null) {
            configured = set(configured, setter, "file", TcpOptions.CAPTURE, properties.file(), properties.file());
        }
        if (properties.size() != null) {
            long bytes = properties.size().toBytes();
            configured = set(configured, setter, "size", TcpOptions.CAPTURE_SIZE, bytes, properties.size());
        }
        if (properties.files() != null) {
            configured =
                    set(configured, setter, "files", TcpOptions.CAPTURE_FILES, properties.files(), properties.files());
        }
        if (properties.data() != null) {
            // what no int holds is out of range in any case
            int bytes = (int) Math.max(-1, Math.min(properties.data().toBytes(), Integer.MAX_VALUE));
            configured = set(configured, setter, "data", TcpOptions.CAPTURE_DATA, bytes, properties.data());
        }
        return configured;
    }

    private <C, T> C set(
            C configured, Setter<C> setter, String property, TransportOption<T> option, T value, Object written) {
        try {
            return setter.set(configured, option, value);
        } catch (IllegalArgumentException e) {
            throw limits.refused(property, written, e);
        }
    }
}
