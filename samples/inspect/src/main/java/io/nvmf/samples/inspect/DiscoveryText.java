package io.nvmf.samples.inspect;

import io.nvmf.spec.AddressFamily;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.SubsystemType;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Discovery log entries as named values. */
final class DiscoveryText {

    private static final LongFunction<String> SECURITY = Units.named(Map.of(0L, "none", 1L, "TLS 1.2", 2L, "TLS 1.3"));

    private DiscoveryText() {}

    /** What a discovery controller knows. */
    static Part.Many of(List<DiscoveryLogEntry> entries) {
        return new Part.Many(
                "Discovery",
                List.of(
                        "TRTYPE", "ADRFAM", "TRADDR", "TRSVCID", "SUBTYPE", "PORTID", "CNTLID", "ASQSZ", "TREQ",
                        "SECTYPE", "SUBNQN"),
                entries.stream().map(DiscoveryText::entry).toList());
    }

    private static List<Field> entry(DiscoveryLogEntry entry) {
        Field security = entry.transportSpecific() instanceof DiscoveryLogEntry.Tcp tcp
                ? new Field("SECTYPE", tcp.securityType(), SECURITY.apply(tcp.securityType()))
                : Field.of("SECTYPE", "-");
        return List.of(
                Field.of("TRTYPE", entry.transport().map(Enum::name).orElse(Field.hex(entry.transportType(), 1))),
                Field.of(
                        "ADRFAM",
                        AddressFamily.find(entry.addressFamily())
                                .map(family -> family.name().replace("IPV", "IPv"))
                                .orElse(Field.hex(entry.addressFamily(), 1))),
                Field.of("TRADDR", entry.transportAddress()),
                Field.of("TRSVCID", entry.transportServiceId()),
                Field.of(
                        "SUBTYPE",
                        SubsystemType.find(entry.subsystemType())
                                .map(type -> type.name().replace('_', ' '))
                                .orElse(Field.hex(entry.subsystemType(), 1))),
                Field.of("PORTID", entry.portId()),
                new Field("CNTLID", entry.controllerId(), Field.hex(entry.controllerId(), 2)),
                Field.of("ASQSZ", entry.adminMaxSqSize()),
                new Field("TREQ", entry.transportRequirements(), Field.hex(entry.transportRequirements(), 1)),
                security,
                Field.of("SUBNQN", entry.subsystemNqn()));
    }
}
