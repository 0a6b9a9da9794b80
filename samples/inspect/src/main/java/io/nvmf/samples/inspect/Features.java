package io.nvmf.samples.inspect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.NvmeController;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.KeepAliveTimer;
import io.nvmf.spec.NumberOfQueues;
import io.nvmf.spec.VolatileWriteCache;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The current values of the features that a controller has. */
final class Features {

    private static final int WRITE_ATOMICITY = 0x0A;
    private static final int TEMPERATURE = 0xFFFF;

    /**
     * A feature.
     *
     * @param id FID
     * @param name in the specification's words
     * @param bytes of data that come with its value
     * @param meaning of dword 0 of the completion
     */
    private record Feature(int id, String name, int bytes, IntFunction<String> meaning) {}

    private static final List<Feature> FEATURES = List.of(
            plain(FeatureId.ARBITRATION, "Arbitration"),
            plain(FeatureId.POWER_MANAGEMENT, "Power Management"),
            new Feature(FeatureId.TEMPERATURE_THRESHOLD, "Temperature Threshold", 0, Features::threshold),
            plain(FeatureId.ERROR_RECOVERY, "Error Recovery"),
            new Feature(
                    FeatureId.VOLATILE_WRITE_CACHE,
                    "Volatile Write Cache",
                    0,
                    value -> VolatileWriteCache.decode(value).enabled() ? "enabled" : "disabled"),
            new Feature(FeatureId.NUMBER_OF_QUEUES, "Number of Queues", 0, Features::queues),
            plain(WRITE_ATOMICITY, "Write Atomicity Normal"),
            new Feature(FeatureId.ASYNC_EVENT_CONFIGURATION, "Asynchronous Event Configuration", 0, Features::events),
            new Feature(FeatureId.TIMESTAMP, "Timestamp", 8, value -> ""),
            new Feature(
                    FeatureId.KEEP_ALIVE_TIMER,
                    "Keep Alive Timer",
                    0,
                    value -> KeepAliveTimer.decode(value).millis() + " ms"),
            plain(FeatureId.NON_OPERATIONAL_POWER_STATE, "Non-Operational Power State Config"),
            new Feature(FeatureId.HOST_BEHAVIOR_SUPPORT, "Host Behavior Support", 512, value -> ""),
            plain(FeatureId.SANITIZE_CONFIG, "Sanitize Config"),
            plain(FeatureId.IO_COMMAND_SET_PROFILE, "I/O Command Set Profile"),
            plain(FeatureId.SOFTWARE_PROGRESS_MARKER, "Software Progress Marker"),
            new Feature(FeatureId.HOST_IDENTIFIER, "Host Identifier", 16, value -> ""));

    private static final Flags EVENTS = new Flags(Map.of(
            0, "available spare",
            1, "temperature",
            2, "reliability",
            3, "read only",
            4, "volatile memory backup",
            8, "namespace attribute",
            9, "firmware activation",
            11, "ANA change",
            31, "discovery log page change"));

    private final NvmeController controller;

    Features(NvmeController controller) {
        this.controller = controller;
    }

    private static Feature plain(int id, String name) {
        return new Feature(id, name, 0, value -> "");
    }

    private static String threshold(int value) {
        int kelvin = value & TEMPERATURE;
        return kelvin == TEMPERATURE ? "never" : Units.kelvin(kelvin);
    }

    private static String queues(int value) {
        NumberOfQueues queues = NumberOfQueues.decode(value);
        return queues.submissionQueues() + " submission, " + queues.completionQueues() + " completion";
    }

    private static String events(int value) {
        String text = EVENTS.text(Integer.toUnsignedLong(value), Integer.BYTES);
        int colon = text.indexOf(": ");
        return colon < 0 ? "none" : text.substring(colon + 2);
    }

    Mono<Part> all() {
        return Flux.fromIterable(FEATURES)
                .concatMap(this::read, 1)
                .collectList()
                .map(rows -> new Part.Many("Features", List.of("FID", "NAME", "VALUE", "MEANING"), rows));
    }

    /** {@return nothing if the controller does not have the feature} */
    private Mono<List<Field>> read(Feature feature) {
        // 128-bit host identifiers are asked for; other features ignore the bit
        int cdw11 = feature.id == FeatureId.HOST_IDENTIFIER ? 1 : 0;
        Command.Builder command = Command.feature(
                new FeatureCommand(false, 0, feature.id, FeatureCommand.SELECT_CURRENT, false, cdw11, 0));
        return controller
                .adminQueue()
                .execute(feature.bytes == 0 ? command.build() : command.receive(feature.bytes))
                .map(completion -> row(feature, completion))
                .onErrorResume(NvmeStatusException.class, refused -> Mono.empty());
    }

    private static List<Field> row(Feature feature, Completion completion) {
        try {
            ByteBuf data = completion.data();
            int value = completion.response().dw0();
            String bytes = data == null ? "" : ByteBufUtil.hexDump(data).replaceAll("(00)+$", "");
            return List.of(
                    Field.bits("FID", feature.id, 1),
                    Field.of("NAME", feature.name),
                    Field.bits("VALUE", Integer.toUnsignedLong(value), Integer.BYTES),
                    Field.of("MEANING", feature.bytes == 0 ? feature.meaning.apply(value) : "data " + bytes));
        } finally {
            completion.release();
        }
    }
}
