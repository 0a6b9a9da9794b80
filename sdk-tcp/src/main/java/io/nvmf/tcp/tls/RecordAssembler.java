package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Arrays;

/**
 * Puts records together from the bytes of a stream, in an array that is used again for each. What cannot be the start
 * of a record is noticed when its header is there.
 */
final class RecordAssembler {

    /** Type, version and length. */
    static final int HEADER = 5;

    /** Most bytes behind the header (RFC 8446 section 5.2). */
    static final int MOST_FRAGMENT = (1 << 14) + 256;

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final int MAJOR_VERSION = 3;

    private final byte[] record = new byte[HEADER + MOST_FRAGMENT];
    private int filled;

    /**
     * Takes bytes up to the end of a record.
     *
     * @param in what has come
     * @param engine judges what is no record
     * @return the length of a whole record in {@link #record()}; 0 if there is none yet
     */
    int take(ByteBuf in, Engine engine) throws IOException {
        if (filled < HEADER) {
            fill(in, HEADER);
            if (filled < HEADER) {
                return 0;
            }
            check(engine);
        }
        int length = HEADER + fragmentLength();
        fill(in, length);
        if (filled < length) {
            return 0;
        }
        filled = 0;
        return length;
    }

    byte[] record() {
        return record;
    }

    private void fill(ByteBuf in, int upTo) {
        int length = Math.min(upTo - filled, in.readableBytes());
        in.readBytes(record, filled, length);
        filled += length;
    }

    private int fragmentLength() {
        return (record[3] & 0xFF) << 8 | record[4] & 0xFF;
    }

    private void check(Engine engine) throws IOException {
        int type = record[0] & 0xFF;
        int length = fragmentLength();
        if (type < CHANGE_CIPHER_SPEC
                || type > APPLICATION_DATA
                || record[1] != MAJOR_VERSION
                || length == 0
                || length > MOST_FRAGMENT) {
            engine.judge(Arrays.copyOf(record, HEADER));
            throw new TlsException("not a TLS record: type " + type + ", version " + (record[1] & 0xFF) + '.'
                    + (record[2] & 0xFF) + ", length " + length);
        }
    }
}
