package io.nvmf.observation.micrometer;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.nvmf.observation.CommandOperation;
import io.nvmf.observation.micrometer.NvmeObservations.HighKey;
import io.nvmf.observation.micrometer.NvmeObservations.LowKey;
import java.util.Locale;
import java.util.Optional;

/** Names and values of {@link NvmeObservations#COMMAND} as they are documented. To be extended by who wants others. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public class DefaultCommandObservationConvention implements CommandObservationConvention {

    private static final String OTHER = "other";

    /** A convention. */
    public DefaultCommandObservationConvention() {}

    @Override
    public String getName() {
        return NvmeObservations.COMMAND.getName();
    }

    @Override
    public String getContextualName(CommandObservationContext context) {
        return context.operation().name().map(name -> "nvmf " + lowerCase(name)).orElse("nvmf command");
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(CommandObservationContext context) {
        CommandOperation command = context.operation();
        String name =
                command.name().map(known -> lowerCase(known).replace(' ', '_')).orElse(KeyValue.NONE_VALUE);
        return KeyValuesOf.low(context).and(LowKey.COMMAND.withValue(name), LowKey.STATUS.withValue(status(command)));
    }

    private static String status(CommandOperation command) {
        if (command.status().isEmpty()) {
            return KeyValue.NONE_VALUE;
        }
        return command.statusCode().map(KeyValuesOf::word).orElse(OTHER);
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(CommandObservationContext context) {
        CommandOperation command = context.operation();
        KeyValues values = KeyValuesOf.high(context)
                .and(
                        HighKey.CONTROLLER.withValue(Integer.toString(command.controllerId())),
                        HighKey.QUEUE.withValue(Integer.toString(command.queueId())),
                        HighKey.BYTES.withValue(Long.toString(command.bytes())));
        if (command.namespaceId().isPresent()) {
            values = values.and(HighKey.NAMESPACE.withValue(
                    Integer.toUnsignedString(command.namespaceId().getAsInt())));
        }
        Optional<KeyValues> blocks = command.blocks()
                .map(range -> KeyValues.of(
                        HighKey.LBA.withValue(Long.toUnsignedString(range.lba())),
                        HighKey.BLOCKS.withValue(Integer.toString(range.blocks()))));
        return blocks.isPresent() ? values.and(blocks.get()) : values;
    }

    private static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
