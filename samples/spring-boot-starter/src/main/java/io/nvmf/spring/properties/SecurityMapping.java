package io.nvmf.spring.properties;

import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.util.Arrays;
import java.util.function.Function;

/** Makes a security profile of properties. */
public final class SecurityMapping {

    private static final String HOST_SECRET = "host-secret";
    private static final String CONTROLLER_SECRET = "controller-secret";
    private static final String TLS_KEY = "tls-key";
    private static final String CONCATENATION = "concatenation";

    private final SecurityProperties properties;
    private final Limits limits = new Limits("nvmf.security");
    private final KeyLocations locations;

    /**
     * A mapping of some properties.
     *
     * @param properties the properties
     * @param beans gets the bean of a name, or throws
     */
    public SecurityMapping(SecurityProperties properties, Function<String, KeyProvider> beans) {
        this.properties = properties;
        this.locations = new KeyLocations(limits, beans, properties.keyStorePassword());
    }

    /**
     * The profile. Nothing is read yet.
     *
     * @return all properties that are set
     * @throws InvalidNvmePropertyException if a property cannot be used, or contradicts another; the message has no
     *     text that could be a secret
     */
    public Security security() {
        refuseContradictions();
        Security security = Security.none();
        if (properties.hostSecret() != null) {
            security = security.hostSecret(locations.provider(HOST_SECRET, properties.hostSecret()));
        }
        if (properties.controllerSecret() != null) {
            security = security.controllerSecret(locations.provider(CONTROLLER_SECRET, properties.controllerSecret()));
        }
        if (properties.tlsKey() != null) {
            security = security.tls(locations.provider(TLS_KEY, properties.tlsKey()));
        }
        if (properties.labelForm() != null) {
            security = security.labelForm(properties.labelForm());
        }
        if (properties.concatenation()) {
            security = security.concatenation();
        }
        return security.algorithms(algorithms()).validate();
    }

    private DhChapAlgorithms algorithms() {
        DhChapAlgorithms algorithms = DhChapAlgorithms.defaults();
        if (!properties.hashes().isEmpty()) {
            try {
                algorithms = algorithms.withHashes(properties.hashes().toArray(DhChapHash[]::new));
            } catch (IllegalArgumentException e) {
                throw limits.refused("hashes", properties.hashes(), e);
            }
        }
        if (!properties.groups().isEmpty()) {
            try {
                algorithms = algorithms.withGroups(properties.groups().toArray(DhGroup[]::new));
            } catch (IllegalArgumentException e) {
                throw limits.refused("groups", properties.groups(), e);
            }
        }
        return algorithms;
    }

    /** Those that the profile itself would refuse, in the words of properties, and what only properties can have. */
    private void refuseContradictions() {
        boolean authenticated = properties.hostSecret() != null;
        boolean keyed = properties.tlsKey() != null;
        boolean concatenated = properties.concatenation();
        without(!authenticated && properties.controllerSecret() != null, CONTROLLER_SECRET, HOST_SECRET);
        without(!authenticated && concatenated, CONCATENATION, HOST_SECRET);
        without(!authenticated && !properties.hashes().isEmpty(), "hashes", HOST_SECRET);
        without(!authenticated && !properties.groups().isEmpty(), "groups", HOST_SECRET);
        without(!keyed && properties.labelForm() == HkdfLabelForm.LIBNVME_1_14, "label-form", TLS_KEY);
        refuse(
                keyed && concatenated,
                " are both set; a connection has its key from one or the other",
                CONCATENATION,
                TLS_KEY);
        refuse(
                concatenated
                        && !properties.groups().isEmpty()
                        && properties.groups().stream().allMatch(group -> group == DhGroup.NULL),
                " do not go together: without an exchange there is nothing to make a key of",
                CONCATENATION,
                "groups");
        refuse(
                concatenated
                        && !properties.hashes().isEmpty()
                        && properties.hashes().stream().allMatch(hash -> hash == DhChapHash.SHA_512),
                " do not go together: TLS has no cipher suite for SHA-512",
                CONCATENATION,
                "hashes");
        boolean inKeyStore =
                Arrays.asList(properties.hostSecret(), properties.controllerSecret(), properties.tlsKey()).stream()
                        .anyMatch(KeyLocations::isInKeyStore);
        if (properties.keyStorePassword() != null && !inKeyStore) {
            throw new InvalidNvmePropertyException(
                    limits.name("key-store-password") + " is set, and nothing is in a key store",
                    limits.name("key-store-password"));
        }
    }

    private void without(boolean refused, String property, String needed) {
        if (refused) {
            throw new InvalidNvmePropertyException(
                    limits.name(property) + " is set, and " + limits.name(needed) + " is not",
                    limits.name(property),
                    limits.name(needed));
        }
    }

    private void refuse(boolean refused, String why, String one, String other) {
        if (refused) {
            throw new InvalidNvmePropertyException(
                    limits.name(one) + " and " + limits.name(other) + why, limits.name(one), limits.name(other));
        }
    }
}
