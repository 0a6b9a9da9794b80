package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.nvmf.security.TlsPsk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads from a ClientHello what a client calls its pre-shared keys (RFC 8446 sections 4.1.2 and 4.2.11), so that they can
 * be looked for before TLS begins. Nothing else of it is judged: whoever does the handshake does that, on the same bytes.
 */
final class ClientHelloIdentities {

    /** Identities that are looked at; a host has a few, for each hash and origin. */
    static final int MOST = 8;

    /** First byte of the record that a TLS connection begins with, and of no PDU. */
    static final int HANDSHAKE = 22;

    /** {@link #recordLength} of what is no record. */
    static final int NO_RECORD = -1;

    /** {@link #recordLength} while too little is there. */
    static final int UNKNOWN = 0;

    private static final int MOST_FRAGMENT = 1 << 14;
    private static final int MAJOR_VERSION = 3;
    private static final int CLIENT_HELLO = 1;
    private static final int VERSION_AND_RANDOM = 2 + 32;
    private static final int PRE_SHARED_KEY = 41;
    private static final int TICKET_AGE = 4;

    private final ByteBuf in;
    private int at;
    private int end;

    private ClientHelloIdentities(ByteBuf in, int from, int to) {
        this.in = in;
        this.at = from;
        this.end = to;
    }

    /** What was read would be beyond the end. */
    private static final class Malformed extends Exception {

        private static final long serialVersionUID = 1;

        Malformed() {
            super(null, null, false, false);
        }
    }

    /**
     * The length of the first record, with its header.
     *
     * @param in what has come
     * @return bytes, {@link #UNKNOWN} or {@link #NO_RECORD}
     */
    static int recordLength(ByteBuf in) {
        if (in.readableBytes() < RecordAssembler.HEADER) {
            return UNKNOWN;
        }
        int start = in.readerIndex();
        int fragment = in.getUnsignedShort(start + 3);
        return in.getUnsignedByte(start) == HANDSHAKE
                        && in.getUnsignedByte(start + 1) == MAJOR_VERSION
                        && fragment > 0
                        && fragment <= MOST_FRAGMENT
                ? RecordAssembler.HEADER + fragment
                : NO_RECORD;
    }

    /**
     * The identities in the first record.
     *
     * @param in holds the whole record, and is not changed
     * @return the first {@value #MOST} that can be ones of NVMe/TCP; none where there is no ClientHello, or not all of it
     */
    static List<String> of(ByteBuf in) {
        int length = recordLength(in);
        if (length <= 0 || length > in.readableBytes()) {
            return List.of();
        }
        int start = in.readerIndex();
        try {
            return new ClientHelloIdentities(in, start + RecordAssembler.HEADER, start + length).clientHello();
        } catch (Malformed broken) {
            return List.of();
        }
    }

    private List<String> clientHello() throws Malformed {
        if (number(1) != CLIENT_HELLO) {
            return List.of();
        }
        narrow(number(3));
        skip(VERSION_AND_RANDOM);
        skip(number(1)); // session identifier
        skip(number(2)); // cipher suites
        skip(number(1)); // compression methods
        narrow(number(2));
        while (at < end) {
            int type = number(2);
            int length = number(2);
            if (type == PRE_SHARED_KEY) {
                narrow(length);
                return identities();
            }
            skip(length);
        }
        return List.of();
    }

    private List<String> identities() throws Malformed {
        narrow(number(2));
        List<String> found = new ArrayList<>();
        for (int i = 0; i < MOST && at < end; i++) {
            int length = number(2);
            int from = at;
            skip(length);
            skip(TICKET_AGE);
            if (length <= TlsPsk.MOST_IDENTITY_BYTES) {
                addText(found, from, length);
            }
        }
        return found;
    }

    /** Bytes that are not text must not become those of another identity. */
    private void addText(List<String> found, int from, int length) {
        byte[] bytes = new byte[length];
        in.getBytes(from, bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
            found.add(text);
        }
    }

    /** Up to three bytes, big endian and unsigned. */
    private int number(int bytes) throws Malformed {
        int from = at;
        skip(bytes);
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.getUnsignedByte(from + i);
        }
        return value;
    }

    private void skip(int bytes) throws Malformed {
        if (bytes > end - at) {
            throw new Malformed();
        }
        at += bytes;
    }

    /** Nothing behind so many bytes is looked at any more. */
    private void narrow(int bytes) throws Malformed {
        if (bytes > end - at) {
            throw new Malformed();
        }
        end = at + bytes;
    }
}
