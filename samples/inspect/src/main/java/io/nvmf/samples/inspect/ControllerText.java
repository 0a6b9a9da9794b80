package io.nvmf.samples.inspect;

import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** The Identify Controller data structure as named values. */
final class ControllerText {

    private static final int CRDT_MILLIS = 100;
    private static final int PAIR = 16;

    private static final Map<String, LongFunction<String>> MEANINGS = Map.ofEntries(
            Map.entry("VID", Units.hex(2)),
            Map.entry("SSVID", Units.hex(2)),
            Map.entry(
                    "CMIC",
                    Units.flags(
                            1, Map.of(0, "several ports", 1, "several controllers", 2, "SR-IOV", 3, "ANA reporting"))),
            Map.entry("MDTS", value -> value == 0 ? "0 (no limit)" : value + " (2^" + value + " minimum memory pages)"),
            Map.entry("VER", value -> Version.decode((int) value).toString()),
            Map.entry("RTD3R", Units.of("µs")),
            Map.entry("RTD3E", Units.of("µs")),
            Map.entry(
                    "OAES",
                    Units.flags(
                            4,
                            Map.of(
                                    8, "namespace attribute",
                                    9, "firmware activation",
                                    11, "ANA change",
                                    12, "predictable latency event aggregate",
                                    13, "LBA status",
                                    14, "endurance group event aggregate",
                                    31, "discovery log page change"))),
            Map.entry(
                    "CTRATT",
                    Units.flags(
                            4,
                            Map.of(
                                    0, "128-bit host identifier",
                                    2, "NVM sets",
                                    3, "read recovery levels",
                                    4, "endurance groups",
                                    5, "predictable latency mode",
                                    6, "traffic based keep alive",
                                    7, "namespace granularity",
                                    9, "UUID list"))),
            Map.entry("CNTRLTYPE", Units.named(Map.of(1L, "I/O", 2L, "discovery", 3L, "administrative"))),
            Map.entry("CRDT1", Units.times(CRDT_MILLIS, "ms")),
            Map.entry("CRDT2", Units.times(CRDT_MILLIS, "ms")),
            Map.entry("CRDT3", Units.times(CRDT_MILLIS, "ms")),
            Map.entry(
                    "OACS",
                    Units.flags(
                            2,
                            Map.of(
                                    0, "Security Send and Receive",
                                    1, "Format NVM",
                                    2, "firmware commands",
                                    3, "Namespace Management",
                                    4, "Device Self-test",
                                    5, "directives",
                                    6, "NVMe-MI Send and Receive",
                                    7, "Virtualization Management",
                                    8, "Doorbell Buffer Config",
                                    9, "Get LBA Status"))),
            Map.entry("ACL", Units.zeroBased()),
            Map.entry("AERL", Units.zeroBased()),
            Map.entry("FRMW", ControllerText::firmwareUpdates),
            Map.entry(
                    "LPA",
                    Units.flags(
                            1,
                            Map.of(
                                    0, "SMART per namespace",
                                    1, "Commands Supported and Effects",
                                    2, "offsets",
                                    3, "telemetry",
                                    4, "persistent event"))),
            Map.entry("ELPE", Units.zeroBased()),
            Map.entry("NPSS", Units.zeroBased()),
            Map.entry("WCTEMP", Units::kelvin),
            Map.entry("CCTEMP", Units::kelvin),
            Map.entry("MTFA", Units.times(CRDT_MILLIS, "ms")),
            Map.entry("TNVMCAP", Units::bytes),
            Map.entry("UNVMCAP", Units::bytes),
            Map.entry("EDSTT", Units.of("min")),
            Map.entry("KAS", Units.times(CRDT_MILLIS, "ms")),
            Map.entry("HCTMA", Units.hex(2)),
            Map.entry("SANICAP", Units.hex(4)),
            Map.entry("ANATT", Units.of("s")),
            Map.entry("ANACAP", Units.hex(1)),
            Map.entry("PELS", Units.times(64, "KiB")),
            Map.entry("CQT", Units.of("ms")),
            Map.entry("SQES", ControllerText::entrySizes),
            Map.entry("CQES", ControllerText::entrySizes),
            Map.entry(
                    "ONCS",
                    Units.flags(
                            2,
                            Map.of(
                                    0, "Compare",
                                    1, "Write Uncorrectable",
                                    2, "Dataset Management",
                                    3, "Write Zeroes",
                                    4, "saved features",
                                    5, "reservations",
                                    6, "timestamp",
                                    7, "Verify",
                                    8, "Copy"))),
            Map.entry("FUSES", Units.flags(2, Map.of(0, "Compare and Write"))),
            Map.entry("FNA", Units.hex(1)),
            Map.entry("VWC", ControllerText::writeCache),
            Map.entry("AWUN", Units.zeroBased()),
            Map.entry("AWUPF", Units.zeroBased()),
            Map.entry("NWPC", Units.hex(1)),
            Map.entry("ACWU", Units.zeroBased()),
            Map.entry("OCFS", Units.hex(2)),
            Map.entry(
                    "SGLS",
                    Units.flags(
                            4,
                            Map.of(
                                    0, "supported",
                                    1, "dword aligned",
                                    2, "keyed data blocks",
                                    16, "bit bucket",
                                    20, "offsets",
                                    21, "transport data blocks"))),
            Map.entry("IOCCSZ", Units.times(PAIR, "bytes")),
            Map.entry("IORCSZ", Units.times(PAIR, "bytes")),
            Map.entry("ICDOFF", Units.times(PAIR, "bytes")),
            Map.entry("FCATT", Units.flags(1, Map.of(0, "static controller model"))),
            Map.entry("OFCS", Units.flags(2, Map.of(0, "Disconnect"))),
            Map.entry("DCTYPE", Units.named(Map.of(1L, "direct", 2L, "central"))));

    private ControllerText() {}

    /** The Identify Controller data structure; what nobody knows a field for is at its end. */
    static Part.One of(IdentifyController identify) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of("SN", identify.serialNumber()));
        fields.add(Field.of("MN", identify.modelNumber()));
        fields.add(Field.of("FR", identify.firmwareRevision()));
        fields.add(Field.of("SUBNQN", identify.subsystemNqn()));
        identify.fruGuid().ifPresent(guid -> fields.add(Field.of("FGUID", guid)));
        fields.addAll(StructureText.fields(identify, IdentifyController.Field.values(), MEANINGS));
        boolean[] known = StructureText.covered(IdentifyController.LENGTH, IdentifyController.Field.values());
        StructureText.cover(known, 4, 68); // SN, MN, FR
        StructureText.cover(known, 112, 16); // FGUID
        StructureText.cover(known, 768, 256); // SUBNQN
        fields.addAll(StructureText.unknown(identify, known));
        return new Part.One("Identify Controller", fields);
    }

    private static String firmwareUpdates(long value) {
        return Field.hex(value, 1) + ": slots: " + (value >> 1 & 7) + ((value & 1) != 0 ? ", slot 1 read only" : "")
                + ((value & 1 << 4) != 0 ? ", activation without reset" : "");
    }

    private static String entrySizes(long value) {
        return Field.hex(value, 1) + ": " + (1 << (value & 0xF)) + " bytes required, " + (1 << (value >> 4 & 0xF))
                + " at most";
    }

    private static String writeCache(long value) {
        return Field.hex(value, 1) + ((value & 1) != 0 ? ": present" : ": none");
    }
}
