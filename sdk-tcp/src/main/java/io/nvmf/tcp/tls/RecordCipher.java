package io.nvmf.tcp.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsEncodeResult;
import org.bouncycastle.tls.crypto.TlsSecret;

/**
 * {@link RecordProtection} as BouncyCastle's TLS takes it, in both directions. BouncyCastle's own makes an array for each
 * record that it seals, and looks for a provider of parameters for each record.
 */
final class RecordCipher implements TlsCipher {

    private final TlsCryptoParameters parameters;
    private final int keyLength;
    private final RecordProtection sealing;
    private final RecordProtection opening;

    /**
     * Creates it with the keys of the handshake's present step.
     *
     * @param parameters of the connection
     * @param keyLength in bytes
     */
    RecordCipher(TlsCryptoParameters parameters, int keyLength) throws IOException {
        this.parameters = parameters;
        this.keyLength = keyLength;
        try {
            sealing = RecordProtection.sealing();
            opening = RecordProtection.opening();
        } catch (GeneralSecurityException e) {
            throw new TlsFatalAlert(AlertDescription.internal_error, e);
        }
        SecurityParameters handshake = parameters.getSecurityParametersHandshake();
        setKey(sealing, handshake, parameters.isServer());
        setKey(opening, handshake, !parameters.isServer());
    }

    private void setKey(RecordProtection direction, SecurityParameters from, boolean ofServer) throws IOException {
        TlsSecret secret = ofServer ? from.getTrafficSecretServer() : from.getTrafficSecretClient();
        int hash = from.getPRFCryptoHashAlgorithm();
        byte[] key = expand(secret, hash, "key", keyLength);
        try {
            direction.setKey(key, expand(secret, hash, "iv", RecordProtection.IV));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] expand(TlsSecret secret, int hash, String label, int length) throws IOException {
        return TlsCryptoUtils.hkdfExpandLabel(secret, hash, label, TlsUtils.EMPTY_BYTES, length)
                .extract();
    }

    @Override
    public void rekeyEncoder() throws IOException {
        setKey(sealing, parameters.getSecurityParametersConnection(), parameters.isServer());
    }

    @Override
    public void rekeyDecoder() throws IOException {
        setKey(opening, parameters.getSecurityParametersConnection(), !parameters.isServer());
    }

    @Override
    public int getCiphertextDecodeLimit(int plaintextLimit) {
        return plaintextLimit + RecordProtection.OVERHEAD;
    }

    @Override
    public int getCiphertextEncodeLimit(int plaintextLimit) {
        return plaintextLimit + RecordProtection.OVERHEAD;
    }

    @Override
    public int getPlaintextDecodeLimit(int ciphertextLimit) {
        return ciphertextLimit - RecordProtection.OVERHEAD;
    }

    @Override
    public int getPlaintextEncodeLimit(int ciphertextLimit) {
        return ciphertextLimit - RecordProtection.OVERHEAD;
    }

    @Override
    public boolean usesOpaqueRecordTypeDecode() {
        return true;
    }

    @Override
    public boolean usesOpaqueRecordTypeEncode() {
        return true;
    }

    @Override
    public TlsEncodeResult encodePlaintext(
            long sequence,
            short contentType,
            ProtocolVersion version,
            int headerAllocation,
            byte[] plaintext,
            int offset,
            int length)
            throws IOException {
        int fragment = sealing.seal(
                sequence, version.getFullVersion(), contentType, plaintext, offset, length, headerAllocation);
        return new TlsEncodeResult(sealing.array(), 0, headerAllocation + fragment, ContentType.application_data);
    }

    @Override
    public TlsDecodeResult decodeCiphertext(
            long sequence, short recordType, ProtocolVersion version, byte[] ciphertext, int offset, int length)
            throws IOException {
        int content = opening.open(sequence, version.getFullVersion(), recordType, ciphertext, offset, length);
        byte[] array = opening.array();
        return new TlsDecodeResult(array, 0, content, (short) (array[content] & 0xFF));
    }
}
