package io.nvmf.security.psk;

import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.mac.Hmac;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * HKDF-Extract (RFC 5869) and HKDF-Expand-Label (RFC 8446 section 7.1) with outputs as long as the hash, which is all
 * that NVMe/TCP needs.
 */
final class Hkdf {

    /** Most bytes of a context. */
    static final int MOST_CONTEXT = 255;

    private static final String LABEL_START = "tls13 ";

    private Hkdf() {}

    /**
     * HKDF-Extract with a salt of zeros, then HKDF-Expand-Label.
     *
     * @param hash of both
     * @param input keying material; stays the caller's
     * @param label without {@code tls13}
     * @param context text
     * @param form how the label is written
     * @return as long as the hash; the caller's to wipe
     * @throws IllegalArgumentException if the context is longer than the form can say
     */
    static byte[] derive(PskHash hash, byte[] input, String label, String context, HkdfLabelForm form) {
        byte[] info = label(hash.length(), label, context, form);
        byte[] extracted = Hmac.of(hash.macAlgorithm(), new byte[hash.length()], input);
        try {
            // The first block of HKDF-Expand, and the only one.
            return Hmac.of(hash.macAlgorithm(), extracted, info, new byte[] {1});
        } finally {
            Arrays.fill(extracted, (byte) 0);
        }
    }

    private static byte[] label(int length, String label, String context, HkdfLabelForm form) {
        byte[] named = (LABEL_START + label).getBytes(StandardCharsets.US_ASCII);
        byte[] about = context.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        if (form == HkdfLabelForm.LIBNVME_1_14) {
            info.write(length);
            info.write(length >>> 8);
            info.writeBytes(named);
        } else {
            if (about.length > MOST_CONTEXT) {
                throw new IllegalArgumentException("the context of a key has " + about.length + " bytes, and at most "
                        + MOST_CONTEXT + " can be said (RFC 8446 section 7.1): " + context);
            }
            info.write(length >>> 8);
            info.write(length);
            info.write(named.length);
            info.writeBytes(named);
            info.write(about.length);
        }
        info.writeBytes(about);
        return info.toByteArray();
    }
}
