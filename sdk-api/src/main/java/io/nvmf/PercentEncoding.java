package io.nvmf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of URIs (RFC 3986 section 2.1) in UTF-8, both ways without loss and without leniency. */
final class PercentEncoding {

    private static final String UNRESERVED = "-._~";

    private PercentEncoding() {}

    /**
     * Encodes everything but letters and digits of ASCII, {@code -._~}, and what may stay as it is.
     *
     * @param text without lone surrogates
     * @param asItIs further characters that need no encoding where the text goes
     */
    static String encode(String text, String asItIs) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (unit & 0xFF);
            if (isLetterOrDigit(letter) || UNRESERVED.indexOf(letter) >= 0 || asItIs.indexOf(letter) >= 0) {
                encoded.append(letter);
            } else {
                encoded.append('%').append(hex(unit >> 4)).append(hex(unit));
            }
        }
        return encoded.toString();
    }

    /**
     * Decodes.
     *
     * @throws IllegalArgumentException if a percent sign is not followed by two hexadecimal digits, or what comes out
     *     is not UTF-8
     */
    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            if (character != '%') {
                bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(character);
                continue;
            }
            boolean complete = at + 2 < text.length();
            int high = complete ? digit(text.charAt(at + 1)) : -1;
            int low = complete ? digit(text.charAt(at + 2)) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("'" + text
                        + "' has a percent sign without two hexadecimal digits; a percent sign itself is %25");
            }
            bytes.write(high << 4 | low);
            at += 3;
        }
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
            return decoded.toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("'" + text + "' does not stand for UTF-8 text", e);
        }
    }

    private static boolean isLetterOrDigit(char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    }

    private static char hex(int value) {
        return "0123456789ABCDEF".charAt(value & 0xF);
    }

    private static int digit(char letter) {
        return letter < 0x80 ? Character.digit(letter, 16) : -1;
    }
}
