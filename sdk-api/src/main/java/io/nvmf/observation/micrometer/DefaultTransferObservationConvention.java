package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValues;
import io.nvmf.observation.TransferOperation;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;
import io.nvmf.observation.micrometer.NvmeObservations.LowKey;
import java.util.OptionalLong;

/** Names and values of {@link NvmeObservations#TRANSFER} as they are documented. To be extended by who wants others. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public class DefaultTransferObservationConvention implements TransferObservationConvention {

    /** A convention. */
    public DefaultTransferObservationConvention() {}

    @Override
    public String getName() {
        return NvmeObservations.TRANSFER.getName();
    }

    @Override
    public String getContextualName(TransferObservationContext context) {
        return "nvmf " + KeyValuesOf.word(context.operation().direction());
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(TransferObservationContext context) {
        return KeyValuesOf.low(context)
                .and(LowKey.DIRECTION.withValue(
                        KeyValuesOf.word(context.operation().direction())));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(TransferObservationContext context) {
        TransferOperation transfer = context.operation();
        KeyValues values = KeyValuesOf.high(context)
                .and(
                        HighKey.CONTROLLER.withValue(Integer.toString(transfer.controllerId())),
                        HighKey.NAMESPACE.withValue(Integer.toUnsignedString(transfer.namespaceId())),
                        HighKey.OFFSET.withValue(Long.toString(transfer.offset())),
                        HighKey.BYTES.withValue(Long.toString(transfer.bytes())));
        OptionalLong length = transfer.length();
        return length.isEmpty() ? values : values.and(HighKey.LENGTH.withValue(Long.toString(length.getAsLong())));
    }
}
