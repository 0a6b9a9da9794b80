package io.nvmf.samples.perf;

import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportRegistry;
import java.util.List;

/**
 * What the embedded target listens with.
 *
 * @param type the transport
 * @param options its options, each as {@code name=value}
 */
record TargetTransport(TransportType type, List<String> options) {

    /** Checks the options, as the target is started elsewhere, where nobody sees what is wrong. */
    void check() {
        applyTo(NvmeTarget.create());
    }

    /**
     * The target over this transport.
     *
     * @throws IllegalArgumentException if an option is not one of the transport, or its value is none
     */
    NvmeTarget applyTo(NvmeTarget target) {
        NvmeTarget changed = target.transport(type);
        List<TransportOption<?>> known = TransportRegistry.load().options(type);
        for (String option : options) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            TransportOption<?> found = known.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--target-option " + name + " is not one of "
                            + known.stream().map(TransportOption::name).toList()));
            if (equals < 0) {
                throw new IllegalArgumentException("--target-option " + option + " is not of the form name=value");
            }
            changed = with(changed, found, option.substring(equals + 1));
        }
        return changed;
    }

    private static <T> NvmeTarget with(NvmeTarget target, TransportOption<T> option, String text) {
        try {
            return target.option(option, option.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--target-option " + option.name() + " is '" + text + "': " + e.getMessage(), e);
        }
    }
}
