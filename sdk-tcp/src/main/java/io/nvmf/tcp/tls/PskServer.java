package io.nvmf.tcp.tls;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsPSKExternal;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the most preferred of the keys that a client offers, and with it the cipher suite. An identity that is not
 * known is checked against a key that nobody has, so that it takes the same time and gets the same alert as a wrong key:
 * strangers do not learn which hosts there are.
 */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // BouncyCastle's signatures
final class PskServer extends AbstractTlsServer implements PskPeer {

    /** Identities of a client that are looked at: a few for each version, hash and origin. */
    private static final int MOST_IDENTITIES = 32;

    private final TlsPskFinder finder;
    private @Nullable TlsPsk chosen;
    private @Nullable ExternalPsk copy;
    private PskHash hash = PskHash.SHA_256;
    private boolean complete;

    PskServer(TlsPskFinder finder) {
        super(JcaCrypto.INSTANCE);
        this.finder = finder;
    }

    @Override
    public @Nullable String agreed() {
        TlsPsk psk = chosen;
        return complete && psk != null ? psk.identity() : null;
    }

    @Override
    public void wipe() {
        if (copy != null) {
            copy.wipe();
        }
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return new int[] {JcaCrypto.cipherSuite(PskHash.SHA_384), JcaCrypto.cipherSuite(PskHash.SHA_256)};
    }

    @Override
    public int[] getSupportedGroups() {
        return GROUPS.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public short[] getPskKeyExchangeModes() {
        return new short[] {PskKeyExchangeMode.psk_dhe_ke};
    }

    /** Called again for the second ClientHello of a client that was asked to repeat it. */
    @Override
    public TlsPSKExternal getExternalPSK(Vector identities) {
        wipe();
        chosen = choose(identities);
        if (chosen != null) {
            hash = chosen.hash();
            copy = new ExternalPsk(chosen);
        } else {
            hash = isOffered(JcaCrypto.cipherSuite(PskHash.SHA_256)) ? PskHash.SHA_256 : PskHash.SHA_384;
            copy = ExternalPsk.unknown(((PskIdentity) identities.get(0)).getIdentity(), hash);
        }
        return copy;
    }

    @Override
    public @Nullable String remark() {
        return copy != null && chosen == null ? "none of the client's identities is known here" : null;
    }

    private @Nullable TlsPsk choose(Vector identities) {
        List<TlsPsk> known = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_IDENTITIES, identities.size()); i++) {
            byte[] identity = ((PskIdentity) identities.get(i)).getIdentity();
            if (identity.length <= TlsPsk.MOST_IDENTITY_BYTES) {
                TlsPsk psk = finder.find(new String(identity, StandardCharsets.UTF_8));
                // Bytes that are not text must not become those of another identity.
                if (psk != null
                        && Arrays.equals(psk.identity().getBytes(StandardCharsets.UTF_8), identity)
                        && isOffered(JcaCrypto.cipherSuite(psk.hash()))) {
                    known.add(psk);
                }
            }
        }
        return known.isEmpty() ? null : Collections.min(known, TlsPsk.PREFERENCE);
    }

    private boolean isOffered(int cipherSuite) {
        return Arrays.stream(offeredCipherSuites).anyMatch(suite -> suite == cipherSuite);
    }

    @Override
    public void processClientExtensions(@Nullable Hashtable clientExtensions) throws IOException {
        if (copy == null) {
            throw new TlsFatalAlert(AlertDescription.handshake_failure, "the client offers no key with psk_dhe_ke");
        }
        super.processClientExtensions(clientExtensions);
    }

    @Override
    public int getSelectedCipherSuite() {
        selectedCipherSuite = JcaCrypto.cipherSuite(hash);
        return selectedCipherSuite;
    }

    @Override
    public TlsCredentials getCredentials() throws IOException {
        throw new TlsFatalAlert(AlertDescription.handshake_failure, "there is no certificate");
    }

    @Override
    public void notifyHandshakeComplete() {
        complete = true;
    }
}
