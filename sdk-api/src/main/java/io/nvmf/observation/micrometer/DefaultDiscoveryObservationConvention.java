package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValues;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;

/** Names and values of {@link NvmeObservations#DISCOVERY} as they are documented. To be extended by who wants others. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public class DefaultDiscoveryObservationConvention implements DiscoveryObservationConvention {

    /** A convention. */
    public DefaultDiscoveryObservationConvention() {}

    @Override
    public String getName() {
        return NvmeObservations.DISCOVERY.getName();
    }

    @Override
    public String getContextualName(DiscoveryObservationContext context) {
        return "nvmf discovery";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(DiscoveryObservationContext context) {
        return KeyValuesOf.low(context);
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(DiscoveryObservationContext context) {
        return KeyValuesOf.high(context)
                .and(HighKey.ENTRIES.withValue(
                        Integer.toString(context.operation().entries())));
    }
}
