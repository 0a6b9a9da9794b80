package io.nvmf.tcp.testing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** How a byte stream is cut on its way: no test of a reader may depend on it. */
public enum Fragmentation {
    /** Each message in a piece of its own. */
    MESSAGES,
    /** Everything in one piece. */
    COALESCED,
    /** Byte by byte. */
    BYTES,
    /** Pieces of 1 to 40 bytes, the same in every run. */
    RANDOM;

    public List<byte[]> cut(List<byte[]> messages) {
        if (this == MESSAGES) {
            return messages;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        messages.forEach(all::writeBytes);
        byte[] stream = all.toByteArray();
        Random random = new Random(stream.length);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int length = switch (this) {
                case BYTES -> 1;
                case RANDOM -> 1 + random.nextInt(40);
                default -> stream.length;
            };
            int end = Math.min(stream.length, at + length);
            pieces.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        return pieces;
    }
}
