package io.nvmf.tcp.tls;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.crypto.TlsSecret;

/** A key as BouncyCastle takes it: a copy, wiped when the handshake is over. */
final class ExternalPsk implements TlsPSKExternal {

    private final byte[] identity;
    private final int prf;
    private final TlsSecret key;

    ExternalPsk(TlsPsk psk) {
        this(psk.identity().getBytes(StandardCharsets.UTF_8), psk.hash(), psk.key());
    }

    private ExternalPsk(byte[] identity, PskHash hash, byte[] key) {
        this.identity = identity;
        this.prf = JcaCrypto.prf(hash);
        this.key = JcaCrypto.INSTANCE.createSecret(key);
        Arrays.fill(key, (byte) 0);
    }

    /** A key that nobody has. */
    static ExternalPsk unknown(byte[] identity, PskHash hash) {
        byte[] key = new byte[hash.length()];
        JcaCrypto.INSTANCE.getSecureRandom().nextBytes(key);
        return new ExternalPsk(identity, hash, key);
    }

    @Override
    public byte[] getIdentity() {
        return identity.clone();
    }

    @Override
    public TlsSecret getKey() {
        return key;
    }

    @Override
    public int getPRFAlgorithm() {
        return prf;
    }

    void wipe() {
        key.destroy();
    }
}
