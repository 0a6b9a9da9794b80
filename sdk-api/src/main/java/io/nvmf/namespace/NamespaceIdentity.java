package io.nvmf.namespace;

import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.NamespaceDescriptors;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * The identifiers of a namespace that stay when its NSID is given to another one (NVMe Base Specification, "Namespace
 * Identification Descriptor"). Two namespaces are the same if all of these are equal.
 *
 * @param nguid NGUID as 32 hexadecimal digits in the order of its bytes
 * @param eui64 EUI-64 as 16 hexadecimal digits in the order of its bytes
 * @param uuid UUID
 */
public record NamespaceIdentity(Optional<String> nguid, Optional<String> eui64, Optional<UUID> uuid) {

    private static final UUID NIL = new UUID(0, 0);

    /**
     * Collects what a controller says. Zeroes are no identifier.
     *
     * @param descriptors from the descriptor list; they count more than the data structure
     * @param identify the data structure, which has two of the identifiers, too
     * @return the identity
     */
    public static NamespaceIdentity of(Optional<NamespaceDescriptors> descriptors, IdentifyNamespace identify) {
        return new NamespaceIdentity(
                descriptors
                        .flatMap(NamespaceDescriptors::nguid)
                        .filter(NamespaceIdentity::isNotZero)
                        .or(identify::nguid),
                descriptors
                        .flatMap(NamespaceDescriptors::eui64)
                        .filter(NamespaceIdentity::isNotZero)
                        .or(identify::eui64),
                descriptors.flatMap(NamespaceDescriptors::uuid).filter(uuid -> !uuid.equals(NIL)));
    }

    private static boolean isNotZero(String digits) {
        return digits.chars().anyMatch(digit -> digit != '0');
    }

    /** {@return whether the namespace has no identifier but its NSID} */
    public boolean isEmpty() {
        return nguid.isEmpty() && eui64.isEmpty() && uuid.isEmpty();
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ").setEmptyValue("no identifier");
        nguid.ifPresent(value -> text.add("NGUID " + value));
        eui64.ifPresent(value -> text.add("EUI-64 " + value));
        uuid.ifPresent(value -> text.add("UUID " + value));
        return text.toString();
    }
}
