package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.Crc32cDigest;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.TermReq;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes the byte stream apart, whatever the pieces it comes in. A whole header is parsed where it lies; otherwise it is
 * gathered in a small fixed buffer. Data goes straight from the socket's buffer to the memory that the {@link Receiver}
 * names, and its digest is computed on the way. No PDU is ever put together in memory, and nothing is allocated for a
 * length that the peer announces.
 */
final class PduReader {

    /** What a queue pair does with the PDUs of its connection. */
    interface Receiver {

        /**
         * A whole ICReq or ICResp, or what the peer sent in its place unless that is a termination request, which is
         * {@link #received} also now. Nothing about it has been checked.
         *
         * @param pdu holds the first bytes of the PDU
         * @param index where it starts
         * @return what was agreed upon; from here on the reader expects ordinary PDUs
         */
        ConnectionParameters initialized(ByteBuf pdu, int index) throws ProtocolViolation;

        /**
         * The header of a PDU whose common header and header digest are right. For a PDU that may carry data the
         * receiver calls {@link PduReader#home} when it wants the data, and {@link #dataReceived} follows, also without
         * data.
         *
         * @param type the PDU type
         * @param pdu holds the header; of a termination request everything
         * @param index where it starts
         * @param dataLength number of data bytes that follow
         */
        void received(PduType type, ByteBuf pdu, int index, long dataLength) throws ProtocolViolation;

        /**
         * The data of the PDU announced last is complete.
         *
         * @param intact whether the data digest, if there is one, matches
         */
        void dataReceived(boolean intact) throws ProtocolViolation;
    }

    private enum State {
        HEADER,
        PADDING,
        DATA,
        DATA_DIGEST
    }

    /** Data due, in bytes, from which a read of its own costs less than the copy. */
    static final int LEAST_LENT = 16 * 1024;

    private static final int GATHERED = TermReq.LENGTH + TermReq.MAX_OFFENDING_HEADER;

    private final boolean controller;
    private final Receiver receiver;
    private final ByteBuf gathered = Unpooled.directBuffer(GATHERED, GATHERED);
    private final Crc32cDigest digest = new Crc32cDigest();

    private ConnectionParameters parameters = ConnectionParameters.INITIAL;
    private boolean initialized;
    private boolean stopped;
    private boolean paused;

    /** The handler that feeds this reader; null while it is in no pipeline. */
    private @Nullable ChannelHandlerContext context;

    private State state = State.HEADER;
    private boolean validated;
    private boolean bulk;
    private int headerLength;
    private int paddingLeft;
    private long dataLength;
    private long dataLeft;
    private int receivedDigest;
    private int digestBytes;
    private @Nullable ByteBuf home;
    private int homeIndex;

    /** The part of the home that the socket is being read into. */
    private @Nullable ByteBuf lent;

    private ByteBuffer offending = ByteBuffer.allocate(0);

    PduReader(boolean controller, Receiver receiver) {
        this.controller = controller;
        this.receiver = receiver;
    }

    /** The handler that feeds this reader has a place in a pipeline. */
    void attached(ChannelHandlerContext place) {
        context = place;
    }

    /** Names the memory for the data of the PDU just announced; without it the data is read and dropped. */
    void home(ByteBuf buffer, int index) {
        home = buffer;
        homeIndex = index;
    }

    /** If data is being read into this very buffer, the rest is read and dropped. */
    @SuppressWarnings("ReferenceEquality")
    void discard(ByteBuf buffer) {
        if (home == buffer) {
            home = null;
        }
    }

    /**
     * Where the socket may be read into so that data needs no copy: the rest of the home, while much data is due and
     * nobody stands between the socket and this reader. What has been read is given to {@link #read} in this very
     * buffer, and before anything else.
     *
     * @return an empty slice to be released by the caller, or null if a buffer of its own is better
     */
    @Nullable
    ByteBuf lend() {
        lent = null;
        ByteBuf target = home;
        if (state != State.DATA || target == null || dataLeft < LEAST_LENT || !target.isDirect()) {
            return null;
        }
        if (target.nioBufferCount() != 1 || !isFirst()) {
            return null;
        }
        ByteBuf slice = target.retainedSlice(homeIndex, (int) dataLeft).setIndex(0, 0);
        lent = slice;
        return slice;
    }

    /** Whether data comes in PDUs so large that most of it is read where it belongs. */
    boolean isBulk() {
        return bulk && isFirst();
    }

    /**
     * Whether what is read from the socket comes here as it is. A handler in front may decrypt, change or keep it: then
     * it is not the data of the command. Asked for every read, because handlers come and go.
     */
    boolean isFirst() {
        ChannelHandlerContext place = context;
        return place != null && Capturing.isNextToSocket(place);
    }

    /** Reads nothing any more; legal within any call-back. */
    void stop() {
        stopped = true;
        home = null;
    }

    /** Whether reading stops for now, at the data of the PDU just announced; legal within {@link Receiver#received}. */
    void pause(boolean value) {
        paused = value;
    }

    /** Frees the gathering buffer. */
    void release() {
        stop();
        gathered.release();
    }

    /** Whether the last byte read was the last of its PDU. */
    boolean atBoundary() {
        return state == State.HEADER && !gathered.isReadable();
    }

    /** The header bytes of the PDU that {@link #read} threw for, as far as a termination request quotes them. */
    ByteBuffer offendingHeader() {
        return offending;
    }

    /**
     * Consumes everything readable, unless stopped or paused on the way.
     *
     * @throws ProtocolViolation with {@link #offendingHeader()} set; the reader is stopped
     */
    void read(ByteBuf in) throws ProtocolViolation {
        try {
            take(in);
        } finally {
            lent = null;
        }
    }

    private void take(ByteBuf in) throws ProtocolViolation {
        while (!stopped && !paused && (in.isReadable() || isPduComplete())) {
            switch (state) {
                case HEADER -> readHeader(in);
                case PADDING -> {
                    int n = Math.min(paddingLeft, in.readableBytes());
                    in.skipBytes(n);
                    paddingLeft -= n;
                    if (paddingLeft == 0) {
                        state = State.DATA;
                    }
                }
                case DATA -> readData(in);
                case DATA_DIGEST -> readDataDigest(in);
            }
        }
    }

    /** True where the state machine can go on without a further byte. */
    private boolean isPduComplete() {
        return state == State.DATA && dataLeft == 0 && !isDataDigestDue();
    }

    private boolean isDataDigestDue() {
        return parameters.dataDigest() && dataLength > 0;
    }

    private void readHeader(ByteBuf in) throws ProtocolViolation {
        boolean inPlace = !gathered.isReadable();
        ByteBuf header = inPlace ? in : gathered;
        if (!inPlace) {
            gather(in, neededHeader(gathered, 0, gathered.readableBytes()));
        }
        int index = header.readerIndex();
        int available = header.readableBytes();
        int needed = neededHeader(header, index, available);
        if (available < needed) {
            if (inPlace) {
                gather(in, needed);
            }
            return;
        }
        // Consumed first: call-backs may ask where the stream stands.
        header.skipBytes(needed);
        if (!inPlace) {
            gathered.clear();
        }
        accept(header, index);
    }

    private void gather(ByteBuf in, int needed) {
        gathered.writeBytes(in, Math.min(in.readableBytes(), needed - gathered.readableBytes()));
    }

    /** Bytes to collect, from the start of the PDU, before the next step can be taken. */
    private int neededHeader(ByteBuf header, int index, int available) throws ProtocolViolation {
        if (available < CommonHeader.LENGTH) {
            return CommonHeader.LENGTH;
        }
        int stated = statedHeader(header, index);
        if (available < stated || isHandshake(header, index)) {
            return stated;
        }
        if (!validated) {
            try {
                dataLength = CommonHeader.check(controller, parameters, header, index);
            } catch (ProtocolViolation violation) {
                throw offended(violation, header, index);
            }
            validated = true;
            PduType type = checkedType(header, index);
            headerLength = type.isTermReq()
                    ? (int) CommonHeader.length(header, index)
                    : type.headerLength() + parameters.headerDigestLength();
        }
        return headerLength;
    }

    /** The type of a PDU whose common header has been checked. */
    private static PduType checkedType(ByteBuf header, int index) {
        return Objects.requireNonNull(CommonHeader.type(header, index), "checked");
    }

    /** A peer that refuses the handshake says so in a termination request, which is never answered with another. */
    private boolean isHandshake(ByteBuf header, int index) {
        return !initialized
                && CommonHeader.type(header, index) != (controller ? PduType.H2C_TERM_REQ : PduType.C2H_TERM_REQ);
    }

    /** HLEN as far as it makes sense, so that a termination request can quote the whole header. */
    private static int statedHeader(ByteBuf header, int index) {
        int headerLength = CommonHeader.headerLength(header, index);
        if (headerLength < CommonHeader.LENGTH || headerLength > CommonHeader.length(header, index)) {
            return CommonHeader.LENGTH;
        }
        return Math.min(headerLength, TermReq.MAX_OFFENDING_HEADER);
    }

    private void accept(ByteBuf header, int index) throws ProtocolViolation {
        try {
            if (isHandshake(header, index)) {
                parameters = receiver.initialized(header, index);
                initialized = true;
                return;
            }
            validated = false;
            PduType type = checkedType(header, index);
            checkHeaderDigest(type, header, index);
            home = null;
            if (type.mayCarryData()) {
                paddingLeft = Math.max(0, CommonHeader.dataOffset(header, index) - headerLength);
                dataLeft = dataLength;
                bulk = dataLength >= 2 * LEAST_LENT;
                digestBytes = 0;
                digest.reset();
                state = paddingLeft > 0 ? State.PADDING : State.DATA;
            }
            receiver.received(type, header, index, dataLength);
        } catch (ProtocolViolation violation) {
            throw offended(violation, header, index);
        }
    }

    private void checkHeaderDigest(PduType type, ByteBuf header, int index) throws ProtocolViolation {
        if (!parameters.headerDigest() || !type.mayCarryHeaderDigest()) {
            return;
        }
        int length = type.headerLength();
        int received = header.getIntLE(index + length);
        int computed = digest.of(header, index, length);
        if (received != computed) {
            throw ProtocolViolation.headerDigest(
                    received,
                    "the header digest of " + type + " is 0x" + Integer.toHexString(received) + ", computed 0x"
                            + Integer.toHexString(computed));
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private void readData(ByteBuf in) throws ProtocolViolation {
        int n = (int) Math.min(dataLeft, in.readableBytes());
        if (n > 0) {
            int from = in.readerIndex();
            if (parameters.dataDigest()) {
                digest.update(in, from, n);
            }
            ByteBuf target = home;
            if (target != null) {
                if (in != lent) {
                    target.setBytes(homeIndex, in, from, n);
                }
                homeIndex += n;
            }
            in.skipBytes(n);
            dataLeft -= n;
        }
        if (dataLeft > 0) {
            return;
        }
        if (isDataDigestDue()) {
            state = State.DATA_DIGEST;
        } else {
            endOfData(true);
        }
    }

    private void readDataDigest(ByteBuf in) throws ProtocolViolation {
        while (digestBytes < Crc32cDigest.LENGTH && in.isReadable()) {
            int octet = in.readUnsignedByte();
            receivedDigest = digestBytes == 0 ? octet : receivedDigest | octet << 8 * digestBytes;
            digestBytes++;
        }
        if (digestBytes == Crc32cDigest.LENGTH) {
            endOfData(receivedDigest == digest.value());
        }
    }

    private void endOfData(boolean intact) throws ProtocolViolation {
        state = State.HEADER;
        home = null;
        receiver.dataReceived(intact);
    }

    private ProtocolViolation offended(ProtocolViolation violation, ByteBuf header, int index) {
        byte[] quoted = new byte[statedHeader(header, index)];
        header.getBytes(index, quoted);
        offending = ByteBuffer.wrap(quoted);
        stop();
        return violation;
    }
}
