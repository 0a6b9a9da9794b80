package io.nvmf.security;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;

/**
 * What the texts of secrets and keys have in common: {@code <prefix><hash>:<secret and CRC-32 in Base64>:}, with two digits
 * for the hash and the CRC-32 in little endian. What is made on the way is wiped.
 */
final class SecretText {

    /** Bytes of the CRC-32. */
    static final int CRC_LENGTH = Integer.BYTES;

    /** The hash with its colon. */
    private static final int HASH_FIELD = 3;

    private SecretText() {}

    /** Whether a text begins, ends and is divided as it has to be. */
    static boolean hasForm(String prefix, CharSequence text) {
        int body = body(prefix);
        int end = text.length() - 1;
        return end >= body
                && prefix.contentEquals(text.subSequence(0, prefix.length()))
                && text.charAt(body - 1) == ':'
                && text.charAt(end) == ':';
    }

    /** Index of the first character in Base64. */
    static int body(String prefix) {
        return prefix.length() + HASH_FIELD;
    }

    /** The hash that a text of the form names; -1 if that is not a number below 10 in two digits. */
    static int hash(String prefix, CharSequence text) {
        int units = text.charAt(prefix.length() + 1) - '0';
        return text.charAt(prefix.length()) == '0' && units >= 0 && units <= 9 ? units : -1;
    }

    /** The characters in Base64 of a text of the form, as bytes; other characters become one that Base64 does not have. */
    static byte[] encoded(String prefix, CharSequence text) {
        int body = body(prefix);
        byte[] encoded = new byte[text.length() - 1 - body];
        for (int i = 0; i < encoded.length; i++) {
            char next = text.charAt(body + i);
            encoded[i] = next < 0x80 ? (byte) next : 0;
        }
        return encoded;
    }

    /** Whether the last bytes are the CRC-32 of those before. */
    static boolean isChecked(byte[] decoded) {
        int length = decoded.length - CRC_LENGTH;
        return crc(decoded, length) == littleEndian(decoded).getInt(length);
    }

    /** The text of a secret; the caller's to wipe. */
    static char[] write(String prefix, int hash, byte[] secret) {
        byte[] checked = Arrays.copyOf(secret, secret.length + CRC_LENGTH);
        littleEndian(checked).putInt(secret.length, crc(secret, secret.length));
        byte[] encoded = Base64.getEncoder().encode(checked);
        String start = prefix + '0' + hash + ':';
        char[] text = new char[start.length() + encoded.length + 1];
        start.getChars(0, start.length(), text, 0);
        for (int i = 0; i < encoded.length; i++) {
            text[start.length() + i] = (char) encoded[i];
        }
        text[text.length - 1] = ':';
        Arrays.fill(checked, (byte) 0);
        Arrays.fill(encoded, (byte) 0);
        return text;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
