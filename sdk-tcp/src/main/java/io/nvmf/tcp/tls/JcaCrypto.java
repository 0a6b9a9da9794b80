package io.nvmf.tcp.tls;

import io.nvmf.security.PskHash;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Locale;
import javax.crypto.Cipher;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.EncryptionAlgorithm;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * Cryptography of the JDK for BouncyCastle's TLS. BouncyCastle's own ciphers are plain Java and thirty times slower, so
 * they are refused: they would be found where an application has put that provider before the JDK's.
 */
final class JcaCrypto extends JcaTlsCrypto {

    static final String AES_GCM = "AES/GCM/NoPadding";

    /** Shared: it has no state but its generators of random numbers, which are thread safe. */
    static final TlsCrypto INSTANCE = create();

    private JcaCrypto(SecureRandom random) {
        super(new JcaTlsCryptoProvider().getHelper(), random, random);
    }

    private static TlsCrypto create() {
        try {
            check(Cipher.getInstance(AES_GCM).getProvider());
            return new JcaCrypto(new SecureRandom());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS needs " + AES_GCM + ", which every JDK has", e);
        }
    }

    static void check(Provider provider) {
        if (provider.getClass().getName().startsWith("org.bouncycastle.")
                || provider.getName().toUpperCase(Locale.ROOT).startsWith("BC")) {
            throw new IllegalStateException(AES_GCM + " comes from " + provider.getName()
                    + ", which is too slow for storage: put the JDK's own provider before it");
        }
    }

    @Override
    public TlsCipher createCipher(TlsCryptoParameters parameters, int encryption, int mac) throws IOException {
        return switch (encryption) {
            case EncryptionAlgorithm.AES_128_GCM -> new RecordCipher(parameters, 16);
            case EncryptionAlgorithm.AES_256_GCM -> new RecordCipher(parameters, 32);
            default -> throw new TlsFatalAlert(AlertDescription.internal_error);
        };
    }

    static int cipherSuite(PskHash hash) {
        return hash == PskHash.SHA_384 ? CipherSuite.TLS_AES_256_GCM_SHA384 : CipherSuite.TLS_AES_128_GCM_SHA256;
    }

    static int prf(PskHash hash) {
        return hash == PskHash.SHA_384 ? PRFAlgorithm.tls13_hkdf_sha384 : PRFAlgorithm.tls13_hkdf_sha256;
    }
}
