package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValues;
import io.nvmf.observation.RecoveryOperation;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;
import io.nvmf.observation.micrometer.NvmeObservations.LowKey;

/** Names and values of {@link NvmeObservations#RECOVERY} as they are documented. To be extended by who wants others. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public class DefaultRecoveryObservationConvention implements RecoveryObservationConvention {

    /** A convention. */
    public DefaultRecoveryObservationConvention() {}

    @Override
    public String getName() {
        return NvmeObservations.RECOVERY.getName();
    }

    @Override
    public String getContextualName(RecoveryObservationContext context) {
        return "nvmf recovery";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(RecoveryObservationContext context) {
        return KeyValuesOf.low(context)
                .and(LowKey.CAUSE.withValue(KeyValuesOf.word(context.operation().cause())));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(RecoveryObservationContext context) {
        RecoveryOperation recovery = context.operation();
        return KeyValuesOf.high(context)
                .and(
                        HighKey.CONTROLLER.withValue(Integer.toString(recovery.controllerId())),
                        HighKey.ATTEMPTS.withValue(Integer.toString(recovery.attempts())));
    }
}
