package io.nvmf.samples.inspect;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeController;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.CommandsSupportedAndEffects;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.SmartHealthLog;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/** Log pages as named values. They are read so that the controller goes on telling of their events (RAE). */
final class Logs {

    /** Entries that are read: one memory page of them, which every controller moves with one command. */
    private static final int MOST_ERRORS = 64;

    private static final int HEX_LINE = 16;
    private static final int OPCODES = 256;
    private static final int CSUPP = 1;

    private static final Map<String, LongFunction<String>> SMART = Map.ofEntries(
            Map.entry(
                    "CRITICAL_WARNING",
                    Units.flags(
                            1,
                            Map.of(
                                    0, "available spare",
                                    1, "temperature",
                                    2, "reliability degraded",
                                    3, "read only",
                                    4, "volatile memory backup"))),
            Map.entry("ENDURANCE_GROUP_CRITICAL_WARNING", Units.hex(1)),
            Map.entry("COMPOSITE_TEMPERATURE", Units::kelvin),
            Map.entry("AVAILABLE_SPARE", Units.of("%")),
            Map.entry("AVAILABLE_SPARE_THRESHOLD", Units.of("%")),
            Map.entry("PERCENTAGE_USED", Units.of("%")),
            Map.entry("DATA_UNITS_READ", Units.of("× 1000 × 512 bytes")),
            Map.entry("DATA_UNITS_WRITTEN", Units.of("× 1000 × 512 bytes")),
            Map.entry("CONTROLLER_BUSY_TIME", Units.of("min")),
            Map.entry("POWER_ON_HOURS", Units.of("h")),
            Map.entry("WARNING_TEMPERATURE_TIME", Units.of("min")),
            Map.entry("CRITICAL_TEMPERATURE_TIME", Units.of("min")),
            Map.entry("TEMPERATURE_SENSOR_1", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_2", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_3", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_4", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_5", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_6", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_7", Units::kelvin),
            Map.entry("TEMPERATURE_SENSOR_8", Units::kelvin));

    private static final Flags EFFECTS = new Flags(Map.of(
            0, "CSUPP", 1, "LBCC", 2, "NCC", 3, "NIC", 4, "CCC", 14, "CSER 0", 15, "CSER 1", 19, "UUID selection"));

    private final NvmeController controller;

    Logs(NvmeController controller) {
        this.controller = controller;
    }

    /** The pages that can be shown by name. */
    enum Page {
        /** Errors, newest first. */
        ERROR(LogPage.ERROR_INFORMATION),
        /** Health. */
        SMART(LogPage.SMART_HEALTH),
        /** Firmware slots. */
        FIRMWARE(LogPage.FIRMWARE_SLOT),
        /** Namespaces that have changed. */
        CHANGED(LogPage.CHANGED_NAMESPACES),
        /** Commands and what they do. */
        EFFECTS(LogPage.COMMANDS_SUPPORTED_AND_EFFECTS);

        private final int id;

        Page(int id) {
            this.id = id;
        }
    }

    Mono<Part> page(Page page) {
        return switch (page) {
            case ERROR -> errors();
            case SMART -> read(page.id, SmartHealthLog.LENGTH, Logs::smart);
            case FIRMWARE -> read(page.id, FirmwareSlotLog.LENGTH, Logs::firmware);
            case CHANGED -> read(page.id, ChangedNamespaceList.LENGTH, Logs::changed);
            case EFFECTS -> read(page.id, CommandsSupportedAndEffects.LENGTH, Logs::effects);
        };
    }

    /** {@return the same, or nothing if the controller does not have the page} */
    Mono<Part> pageIfThere(Page page) {
        return page(page).onErrorResume(NvmeStatusException.class, refused -> Mono.empty());
    }

    /** Any page, as bytes. */
    Mono<Part> raw(int id, int length) {
        return read(id, length, data -> {
            List<Field> lines = new ArrayList<>();
            for (int at = 0; at < length; at += HEX_LINE) {
                byte[] line = new byte[Math.min(HEX_LINE, length - at)];
                data.getBytes(at, line);
                lines.add(Field.of(
                        String.format("%04x", at), HexFormat.ofDelimiter(" ").formatHex(line)));
            }
            return new Part.One("Log page " + Field.hex(id, 1), lines);
        });
    }

    private Mono<Part> read(int id, int length, Function<ByteBuf, Part> decode) {
        return controller
                .logPage(GetLogPageCommand.of(id, length).withRetainAsyncEvent(true))
                .map(data -> {
                    try {
                        return decode.apply(data);
                    } finally {
                        data.release();
                    }
                });
    }

    private Mono<Part> errors() {
        int count = (int) Math.min(MOST_ERRORS, controller.identify().get(IdentifyController.Field.ELPE) + 1);
        return read(
                LogPage.ERROR_INFORMATION,
                count * ErrorInformationEntry.LENGTH,
                data -> new Part.Many(
                        "Error Information",
                        List.of(
                                "ERROR COUNT",
                                "SQID",
                                "CID",
                                "STATUS",
                                "PARAMETER",
                                "LBA",
                                "NSID",
                                "TRTYPE",
                                "OPCODE",
                                "SPECIFIC"),
                        IntStream.range(0, count)
                                .mapToObj(entry ->
                                        ErrorInformationEntry.decode(data, entry * ErrorInformationEntry.LENGTH))
                                .filter(entry -> entry.errorCount() != 0)
                                .map(Logs::error)
                                .toList()));
    }

    private static List<Field> error(ErrorInformationEntry entry) {
        return List.of(
                Field.of("ERROR COUNT", Long.toUnsignedString(entry.errorCount())),
                Field.of("SQID", entry.sqid()),
                Field.bits("CID", entry.commandId(), 2),
                new Field("STATUS", entry.status().raw(), entry.status().describe(entry.opcode())),
                Field.bits("PARAMETER", entry.parameterLocation(), 2),
                Field.of("LBA", Long.toUnsignedString(entry.lba())),
                Field.of("NSID", Integer.toUnsignedLong(entry.nsid())),
                Field.bits("TRTYPE", entry.transportType(), 1),
                Field.bits("OPCODE", entry.opcode(), 1),
                Field.bits("SPECIFIC", entry.commandSpecific(), Long.BYTES));
    }

    private static Part smart(ByteBuf data) {
        SmartHealthLog log = new SmartHealthLog().wrap(data, 0);
        SmartHealthLog.Field[] fields = SmartHealthLog.Field.values();
        List<Field> values = new ArrayList<>(StructureText.fields(log, fields, SMART));
        values.replaceAll(field -> new Field(field.name().replace('_', ' '), field.value(), field.text()));
        values.addAll(StructureText.unknown(log, StructureText.covered(SmartHealthLog.LENGTH, fields)));
        return new Part.One("SMART / Health Information", values);
    }

    private static Part firmware(ByteBuf data) {
        FirmwareSlotLog log = FirmwareSlotLog.decode(data, 0);
        int afi = log.activeFirmwareInfo();
        List<Field> fields = new ArrayList<>();
        int next = afi >> 4 & 7;
        fields.add(new Field(
                "AFI",
                afi,
                Field.hex(afi, 1) + ": slot " + (afi & 7) + " is active"
                        + (next == 0 ? "" : ", slot " + next + " after the next reset")));
        for (int slot = 0; slot < log.revisions().size(); slot++) {
            if (!log.revisions().get(slot).isEmpty()) {
                fields.add(Field.of("FRS" + (slot + 1), log.revisions().get(slot)));
            }
        }
        return new Part.One("Firmware Slot Information", fields);
    }

    private static Part changed(ByteBuf data) {
        List<List<Field>> rows = ChangedNamespaceList.overflowed(data, 0)
                ? List.of(List.of(Field.bits("NSID", 0xFFFF_FFFFL, Integer.BYTES)))
                : IntStream.of(ChangedNamespaceList.decode(data, 0))
                        .mapToObj(nsid -> List.of(Field.of("NSID", Integer.toUnsignedLong(nsid))))
                        .toList();
        return new Part.Many("Changed Attached Namespace List", List.of("NSID"), rows);
    }

    private static Part effects(ByteBuf data) {
        CommandsSupportedAndEffects log = new CommandsSupportedAndEffects().wrap(data, 0);
        List<List<Field>> rows = new ArrayList<>();
        for (int opcode = 0; opcode < OPCODES; opcode++) {
            effect(rows, "admin", opcode, log.admin(opcode));
        }
        for (int opcode = 0; opcode < OPCODES; opcode++) {
            effect(rows, "I/O", opcode, log.io(opcode));
        }
        return new Part.Many(
                "Commands Supported and Effects", List.of("COMMAND SET", "OPCODE", "NAME", "EFFECTS"), rows);
    }

    private static void effect(List<List<Field>> rows, String set, int opcode, int effects) {
        if ((effects & CSUPP) != 0) {
            rows.add(List.of(
                    Field.of("COMMAND SET", set),
                    Field.bits("OPCODE", opcode, 1),
                    Field.of("NAME", CommandText.name(set.equals("admin"), opcode)),
                    new Field(
                            "EFFECTS",
                            Integer.toUnsignedLong(effects),
                            EFFECTS.text(Integer.toUnsignedLong(effects), Integer.BYTES))));
        }
    }
}
