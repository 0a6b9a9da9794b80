package io.nvmf.security.psk;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.mac.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * What TLS PSKs are derived from (NVMe/TCP Transport Specification 1.1, "TLS PSK and PSK identity derivation"): a
 * retained PSK, which a configured one has become for a host, or a generated PSK, the outcome of an authentication.
 * Not thread safe.
 */
public final class InputPsk implements AutoCloseable {

    /** The oldest version of identities. */
    public static final int VERSION_0 = 0;

    /** The version whose identities have a digest of the key in them. */
    public static final int VERSION_1 = 1;

    private final boolean generated;
    private final PskHash hash;
    private final HkdfLabelForm form;
    private final byte[] key;

    private InputPsk(boolean generated, PskHash hash, HkdfLabelForm form, byte[] key) {
        this.generated = generated;
        this.hash = hash;
        this.form = form;
        this.key = key;
    }

    /**
     * The retained PSK of a host.
     *
     * @param configured stays the caller's
     * @param hostNqn of the host
     * @param form how labels are written
     * @return the PSK, to be closed
     */
    public static InputPsk retained(ConfiguredPsk configured, String hostNqn, HkdfLabelForm form) {
        byte[] key = configured.key();
        if (configured.isUntransformed()) {
            return new InputPsk(false, configured.hash(), form, key);
        }
        try {
            return new InputPsk(
                    false, configured.hash(), form, Hkdf.derive(configured.hash(), key, "HostNQN", hostNqn, form));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * A generated PSK. There is no older form for it.
     *
     * @param hash of the authentication; SHA-512 has no cipher suite
     * @param key copied; as DH-HMAC-CHAP made it
     * @return the PSK, to be closed
     */
    public static InputPsk generated(PskHash hash, byte[] key) {
        if (key.length != hash.length()) {
            throw new IllegalArgumentException(
                    "a PSK for " + hash + " has " + hash.length() + " bytes, not " + key.length);
        }
        return new InputPsk(true, hash, HkdfLabelForm.RFC_8446, key.clone());
    }

    /**
     * The PSK digest that identities of version 1 end with.
     *
     * @param hostNqn of the host
     * @param subsystemNqn of the subsystem; the well-known name for discovery
     * @return in Base64
     */
    public String digest(String hostNqn, String subsystemNqn) {
        byte[] about = (hostNqn + ' ' + subsystemNqn + " NVMe-over-Fabrics").getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(Hmac.of(hash.macAlgorithm(), key, about));
    }

    /**
     * The TLS PSK for a host and a subsystem.
     *
     * @param version of the identity, 0 or 1
     * @param hostNqn of the host
     * @param subsystemNqn of the subsystem; the well-known name for discovery
     * @return identity and key, to be closed
     * @throws IllegalArgumentException if there is no such version, or the names are too long for version 0, whose
     *     identity has to fit into 255 bytes
     */
    public TlsPsk tlsPsk(int version, String hostNqn, String subsystemNqn) {
        if (version != VERSION_0 && version != VERSION_1) {
            throw new IllegalArgumentException("identities have version 0 or 1, not " + version);
        }
        String identity = "NVMe" + version + (generated ? 'G' : 'R') + '0' + hash.identifier() + ' ' + hostNqn + ' '
                + subsystemNqn;
        String context = identity;
        if (version == VERSION_1) {
            String digest = digest(hostNqn, subsystemNqn);
            identity += ' ' + digest;
            context = "0" + hash.identifier() + ' ' + digest;
        }
        byte[] derived = Hkdf.derive(hash, key, "nvme-tls-psk", context, form);
        try {
            return TlsPsk.of(identity, derived);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    /** A copy of the PSK. */
    byte[] key() {
        return key.clone();
    }

    /** Wipes the PSK. */
    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    /** Tells nothing of the PSK. */
    @Override
    public String toString() {
        return generated ? "generated PSK" : "retained PSK";
    }
}
