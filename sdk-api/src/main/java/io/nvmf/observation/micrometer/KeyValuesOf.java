package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.nvmf.observation.Operation;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;
import io.nvmf.observation.micrometer.NvmeObservations.LowKey;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The values that all observations have. */
final class KeyValuesOf {

    private KeyValuesOf() {}

    static KeyValues low(NvmeObservationContext<?> context) {
        Operation operation = context.operation();
        return KeyValues.of(
                LowKey.OUTCOME.withValue(outcome(context.outcome())),
                LowKey.SUBSYSTEM.withValue(operation.subsystem()),
                LowKey.TRANSPORT.withValue(word(operation.transport())));
    }

    static KeyValues high(NvmeObservationContext<?> context) {
        return KeyValues.of(
                HighKey.ADDRESS.withValue(context.operation().address().toString()));
    }

    private static String outcome(@Nullable OperationOutcome outcome) {
        return outcome == null ? KeyValue.NONE_VALUE : word(outcome);
    }

    /** As values are written: in lower case. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
