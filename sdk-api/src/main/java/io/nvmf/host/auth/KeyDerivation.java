package io.nvmf.host.auth;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.psk.InputPsk;
import java.util.Arrays;
import java.util.List;

/** Which keys a host offers for TLS, best first. */
final class KeyDerivation {

    private KeyDerivation() {}

    /** Both versions of identities, as there are controllers that know the older one only. */
    static List<TlsPsk> retained(ConfiguredPsk configured, HkdfLabelForm form, String hostNqn, String subsystemNqn) {
        try (InputPsk input = InputPsk.retained(configured, hostNqn, form)) {
            TlsPsk newer = input.tlsPsk(InputPsk.VERSION_1, hostNqn, subsystemNqn);
            try {
                return List.of(newer, input.tlsPsk(InputPsk.VERSION_0, hostNqn, subsystemNqn));
            } catch (IllegalArgumentException namesAreTooLong) {
                return List.of(newer);
            }
        }
    }

    /** Authentications make keys for the newer version only. */
    static List<TlsPsk> generated(byte[] key, String hostNqn, String subsystemNqn) {
        try (InputPsk input = InputPsk.generated(PskHash.ofLength(key.length), key)) {
            return List.of(input.tlsPsk(InputPsk.VERSION_1, hostNqn, subsystemNqn));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
