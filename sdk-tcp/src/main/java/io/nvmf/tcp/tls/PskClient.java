package io.nvmf.tcp.tls;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsPSK;
import org.bouncycastle.tls.TlsPSKExternal;
import org.jspecify.annotations.Nullable;

/** Offers its keys, and fails with a server that takes none of them, whatever else that has to show. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // BouncyCastle's signatures
final class PskClient extends AbstractTlsClient implements PskPeer {

    private final int[] suites;
    private final List<PskHash> hashes;
    private final List<ExternalPsk> psks;
    private @Nullable String selected;
    private boolean complete;

    /**
     * Creates the client.
     *
     * @param offered at least one; copied
     */
    PskClient(List<TlsPsk> offered) {
        super(JcaCrypto.INSTANCE);
        List<TlsPsk> sorted = offered.stream().sorted(TlsPsk.PREFERENCE).toList();
        this.suites = sorted.stream()
                .mapToInt(psk -> JcaCrypto.cipherSuite(psk.hash()))
                .distinct()
                .toArray();
        this.hashes = sorted.stream().map(TlsPsk::hash).toList();
        this.psks = sorted.stream().map(ExternalPsk::new).toList();
    }

    /** Bytes of the list of binders (RFC 8446 section 4.2.11) of the keys that go with a cipher suite. */
    int bindersSize(int cipherSuite) {
        return 2
                + hashes.stream()
                        .filter(hash -> JcaCrypto.cipherSuite(hash) == cipherSuite)
                        .mapToInt(hash -> 1 + hash.length())
                        .sum();
    }

    @Override
    public @Nullable String agreed() {
        return complete ? selected : null;
    }

    @Override
    public @Nullable String remark() {
        return null;
    }

    @Override
    public void wipe() {
        psks.forEach(ExternalPsk::wipe);
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return suites.clone();
    }

    @Override
    protected Vector<Integer> getSupportedGroups(Vector namedGroupRoles) {
        return new Vector<>(GROUPS);
    }

    /** No certificate is asked for. */
    @Override
    protected @Nullable CertificateStatusRequest getCertificateStatusRequest() {
        return null;
    }

    /** As above. */
    @Override
    protected @Nullable Vector getSupportedSignatureAlgorithms() {
        return null;
    }

    @Override
    public short[] getPskKeyExchangeModes() {
        return new short[] {PskKeyExchangeMode.psk_dhe_ke};
    }

    @Override
    public Vector<TlsPSKExternal> getExternalPSKs() {
        return new Vector<>(psks);
    }

    @Override
    public void notifySelectedPSK(@Nullable TlsPSK selectedPSK) throws IOException {
        if (selectedPSK == null) {
            throw new TlsFatalAlert(AlertDescription.handshake_failure, "the server has chosen none of the keys");
        }
        selected = new String(selectedPSK.getIdentity(), StandardCharsets.UTF_8);
    }

    @Override
    public TlsAuthentication getAuthentication() throws IOException {
        throw new TlsFatalAlert(AlertDescription.handshake_failure, "certificates are not accepted");
    }

    @Override
    public void notifyHandshakeComplete() {
        complete = true;
    }
}
