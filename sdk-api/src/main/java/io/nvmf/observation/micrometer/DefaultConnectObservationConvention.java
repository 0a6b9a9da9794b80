package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValues;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;
import java.util.OptionalInt;

/** Names and values of {@link NvmeObservations#CONNECT} as they are documented. To be extended by who wants others. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public class DefaultConnectObservationConvention implements ConnectObservationConvention {

    /** A convention. */
    public DefaultConnectObservationConvention() {}

    @Override
    public String getName() {
        return NvmeObservations.CONNECT.getName();
    }

    @Override
    public String getContextualName(ConnectObservationContext context) {
        return "nvmf connect";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ConnectObservationContext context) {
        return KeyValuesOf.low(context);
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ConnectObservationContext context) {
        OptionalInt controller = context.operation().controllerId();
        KeyValues values = KeyValuesOf.high(context);
        return controller.isEmpty()
                ? values
                : values.and(HighKey.CONTROLLER.withValue(Integer.toString(controller.getAsInt())));
    }
}
