package io.nvmf.samples.inspect;

import io.nvmf.NvmeNamespace;
import io.nvmf.spec.IdentifyNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Namespaces, and the Identify Namespace data structure, as named values. */
final class NamespaceText {

    private static final Map<String, LongFunction<String>> MEANINGS = Map.ofEntries(
            Map.entry("NSZE", Units.of("blocks")),
            Map.entry("NCAP", Units.of("blocks")),
            Map.entry("NUSE", Units.of("blocks")),
            Map.entry("NSFEAT", Units.hex(1)),
            Map.entry("NLBAF", Units.zeroBased()),
            Map.entry("FLBAS", Units.hex(1)),
            Map.entry("MC", Units.hex(1)),
            Map.entry("DPC", Units.hex(1)),
            Map.entry("DPS", Units.hex(1)),
            Map.entry("NMIC", Units.flags(1, Map.of(0, "shared"))),
            Map.entry("RESCAP", Units.hex(1)),
            Map.entry("FPI", Units.hex(1)),
            Map.entry("DLFEAT", NamespaceText::deallocated),
            Map.entry("NOIOB", Units.of("blocks")),
            Map.entry("NVMCAP", Units::bytes),
            Map.entry("NSATTR", Units.flags(1, Map.of(0, "write protected"))));

    private NamespaceText() {}

    /** The Identify Namespace data structure and what the SDK makes of it. */
    static Part.One of(NvmeNamespace namespace) {
        IdentifyNamespace identify = namespace.identify();
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of("NSID", Integer.toUnsignedLong(namespace.id())));
        fields.addAll(identity(namespace));
        fields.add(new Field("size", namespace.size(), Units.bytes(namespace.size())));
        fields.add(new Field("block size", (long) namespace.blockSize(), namespace.blockSize() + " bytes"));
        fields.addAll(StructureText.fields(identify, IdentifyNamespace.Field.values(), MEANINGS));
        boolean[] known = StructureText.covered(IdentifyNamespace.LENGTH, IdentifyNamespace.Field.values());
        StructureText.cover(known, 104, 24); // NGUID, EUI64
        int formats = (int) identify.get(IdentifyNamespace.Field.NLBAF) + 1;
        for (int format = 0; format < Math.min(formats, IdentifyNamespace.LBA_FORMATS); format++) {
            fields.add(Field.of("LBAF" + format, lbaFormat(identify, format)));
        }
        StructureText.cover(known, 128, 4 * formats);
        fields.addAll(StructureText.unknown(identify, known));
        return new Part.One("Identify Namespace", fields);
    }

    private static String lbaFormat(IdentifyNamespace identify, int format) {
        IdentifyNamespace.LbaFormat lba = identify.lbaFormat(format);
        return "MS " + lba.metadataSize() + ", LBADS " + lba.lbaDataSize() + " (" + (1L << lba.lbaDataSize())
                + " bytes), RP " + lba.relativePerformance()
                + (format == identify.formattedLbaIndex() ? ", in use" : "");
    }

    private static List<Field> identity(NvmeNamespace namespace) {
        List<Field> fields = new ArrayList<>();
        namespace.identity().nguid().ifPresent(value -> fields.add(Field.of("NGUID", value)));
        namespace.identity().eui64().ifPresent(value -> fields.add(Field.of("EUI64", value)));
        namespace.identity().uuid().ifPresent(value -> fields.add(Field.of("UUID", value)));
        return fields;
    }

    /** Several namespaces, one line each. */
    static Part.Many list(List<NvmeNamespace> namespaces) {
        return new Part.Many(
                "Namespaces",
                List.of("NSID", "SIZE", "BLOCK SIZE", "BLOCKS", "WRITE PROTECTED", "IDENTITY"),
                namespaces.stream()
                        .map(namespace -> List.of(
                                Field.of("NSID", Integer.toUnsignedLong(namespace.id())),
                                new Field("SIZE", namespace.size(), Units.bytes(namespace.size())),
                                Field.of("BLOCK SIZE", namespace.blockSize()),
                                Field.of("BLOCKS", namespace.blocks()),
                                new Field("WRITE PROTECTED", namespace.readOnly(), namespace.readOnly() ? "yes" : "no"),
                                new Field(
                                        "IDENTITY",
                                        JsonWriter.object(identity(namespace)),
                                        namespace.identity().toString())))
                        .toList());
    }

    private static String deallocated(long value) {
        String reads = switch ((int) value & 7) {
            case 0 -> "not reported";
            case 1 -> "zeros";
            case 2 -> "ones";
            default -> "reserved";
        };
        return Field.hex(value, 1) + ": deallocated blocks read as " + reads;
    }
}
