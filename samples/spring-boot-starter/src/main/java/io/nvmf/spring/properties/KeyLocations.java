package io.nvmf.spring.properties;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyProviders;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads where keys are. What is no location may be a key that somebody has put there by mistake, so no message has it.
 */
final class KeyLocations {

    private static final String KEY_STORE = "keystore:";

    /** What keys begin with, also where a placeholder has put one behind the kind of place. */
    private static final Pattern KEY = Pattern.compile("DHHC-1:|NVMeTLSkey-1:");

    private static final String PASSWORD = "key-store-password";

    private final Limits limits;
    private final Function<String, KeyProvider> beans;
    private final @Nullable String passwordLocation;

    KeyLocations(Limits limits, Function<String, KeyProvider> beans, @Nullable String passwordLocation) {
        this.limits = limits;
        this.beans = beans;
        this.passwordLocation = passwordLocation;
    }

    /** Whether a location is an entry of a key store. */
    static boolean isInKeyStore(@Nullable String location) {
        return location != null && location.startsWith(KEY_STORE);
    }

    KeyProvider provider(String property, String location) {
        if (KEY.matcher(location).find()) {
            throw noLocation(property);
        }
        try {
            return isInKeyStore(location)
                    ? entry(property, location.substring(KEY_STORE.length()))
                    : other(property, location);
        } catch (IllegalArgumentException e) {
            // not its cause, which shows the text
            throw noLocation(property);
        }
    }

    private KeyProvider other(String property, String location) {
        int colon = location.indexOf(':');
        String place = location.substring(colon + 1);
        if (colon < 0 || place.isEmpty()) {
            throw noLocation(property);
        }
        return switch (location.substring(0, colon)) {
            case "file" -> KeyProviders.file(Path.of(place));
            case "directory" -> KeyProviders.directory(Path.of(place));
            case "env" -> KeyProviders.environment(place);
            case "bean" -> bean(property, place);
            default -> throw noLocation(property);
        };
    }

    private KeyProvider bean(String property, String name) {
        try {
            return beans.apply(name);
        } catch (RuntimeException e) {
            InvalidNvmePropertyException refused = new InvalidNvmePropertyException(
                    limits.name(property) + " names a bean that is not there or is no KeyProvider",
                    limits.name(property));
            refused.initCause(e);
            throw refused;
        }
    }

    private KeyProvider entry(String property, String place) {
        int hash = place.lastIndexOf('#');
        if (hash <= 0 || hash == place.length() - 1) {
            throw noLocation(property);
        }
        if (passwordLocation == null) {
            throw new InvalidNvmePropertyException(
                    limits.name(property) + " is in a key store, and " + limits.name(PASSWORD) + " is not set",
                    limits.name(PASSWORD));
        }
        return KeyProviders.keyStore(
                Path.of(place.substring(0, hash)), place.substring(hash + 1), other(PASSWORD, passwordLocation));
    }

    private InvalidNvmePropertyException noLocation(String property) {
        return new InvalidNvmePropertyException(
                limits.name(property) + " must be a location: "
                        + (property.equals(PASSWORD)
                                ? "file:<path>, env:<name> or bean:<name>"
                                : "file:<path>, directory:<path>, env:<name>, keystore:<path>#<alias> or bean:<name>")
                        + "; a secret itself is not accepted",
                limits.name(property));
    }
}
