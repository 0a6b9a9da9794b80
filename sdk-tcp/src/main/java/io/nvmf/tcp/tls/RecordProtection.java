package io.nvmf.tcp.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsFatalAlert;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM over the TLS 1.3 records of one direction (RFC 8446 sections 5.2 and 5.3). What it makes is in one
 * {@linkplain #array() array}, and good until it makes something else.
 */
final class RecordProtection {

    static final int IV = 12;

    private static final int TAG = 16;

    /** The type of the content, behind it and under the same protection. */
    private static final int TYPE = 1;

    /** What a fragment has more than its content. */
    static final int OVERHEAD = TYPE + TAG;

    private final Cipher cipher;
    private final int mode;
    private final byte[] nonce = new byte[IV];
    private final byte[] header = new byte[RecordAssembler.HEADER];
    private @Nullable SecretKey key;
    private byte[] iv = new byte[IV];
    private byte[] array = {};

    private RecordProtection(int mode) throws GeneralSecurityException {
        this.cipher = Cipher.getInstance(JcaCrypto.AES_GCM);
        this.mode = mode;
    }

    /** For what is sent; without a key yet. */
    static RecordProtection sealing() throws GeneralSecurityException {
        return new RecordProtection(Cipher.ENCRYPT_MODE);
    }

    /** For what is received; without a key yet. */
    static RecordProtection opening() throws GeneralSecurityException {
        return new RecordProtection(Cipher.DECRYPT_MODE);
    }

    /**
     * Goes on with this key.
     *
     * @param newKey of 16 or 32 bytes, copied
     * @param newIv of 12 bytes, copied
     */
    void setKey(byte[] newKey, byte[] newIv) {
        key = new SecretKeySpec(newKey, "AES");
        iv = newIv.clone();
    }

    /** What was made last. */
    byte[] array() {
        return array;
    }

    /**
     * Makes a fragment.
     *
     * @param sequence of the record under this key
     * @param version that the record's header tells
     * @param type of the content
     * @param content to seal
     * @param offset of the content
     * @param length of the content
     * @param ahead where in the array the fragment is to begin
     * @return the fragment's length
     */
    int seal(long sequence, int version, int type, byte[] content, int offset, int length, int ahead)
            throws IOException {
        int fragment = length + OVERHEAD;
        makeRoom(ahead + fragment);
        System.arraycopy(content, offset, array, ahead, length);
        array[ahead + length] = (byte) type;
        try {
            begin(sequence, ContentType.application_data, version, fragment);
            cipher.doFinal(array, ahead, length + TYPE, array, ahead);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new TlsFatalAlert(AlertDescription.internal_error, e);
        }
        return fragment;
    }

    /**
     * Makes the content of a fragment and, behind it, the content's type.
     *
     * @param sequence of the record under this key
     * @param version that the record's header tells
     * @param type that the record's header tells
     * @param from has the fragment
     * @param offset of the fragment
     * @param fragment its length
     * @return the content's length; the array begins with it
     * @throws TlsFatalAlert if it was not made with this key, or is no fragment
     */
    int open(long sequence, int version, int type, byte[] from, int offset, int fragment) throws IOException {
        if (fragment < OVERHEAD) {
            throw new TlsFatalAlert(AlertDescription.decode_error);
        }
        makeRoom(fragment - TAG);
        int end;
        try {
            begin(sequence, type, version, fragment);
            end = cipher.doFinal(from, offset, fragment, array, 0);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new TlsFatalAlert(AlertDescription.bad_record_mac, e);
        }
        // The type is the last byte that is not 0. Zeros behind it pad the record.
        do {
            end--;
        } while (end >= 0 && array[end] == 0);
        if (end < 0) {
            throw new TlsFatalAlert(AlertDescription.unexpected_message);
        }
        return end;
    }

    private void makeRoom(int length) {
        if (array.length < length) {
            array = new byte[length];
        }
    }

    private void begin(long sequence, int type, int version, int length) throws GeneralSecurityException {
        System.arraycopy(iv, 0, nonce, 0, IV);
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[IV - 1 - i] ^= (byte) (sequence >>> (i * Byte.SIZE));
        }
        header[0] = (byte) type;
        header[1] = (byte) (version >>> Byte.SIZE);
        header[2] = (byte) version;
        header[3] = (byte) (length >>> Byte.SIZE);
        header[4] = (byte) length;
        cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
        cipher.updateAAD(header);
    }
}
