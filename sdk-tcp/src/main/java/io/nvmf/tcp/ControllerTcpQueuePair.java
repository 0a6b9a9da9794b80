package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.tcp.pdu.C2hData;
import io.nvmf.tcp.pdu.CapsuleCmd;
import io.nvmf.tcp.pdu.CapsuleResp;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.H2cData;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.R2t;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.WritableSignal;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The controller's role: CapsuleCmd and H2CData in; CapsuleResp, C2HData and R2T out (NVMe/TCP sections 3.3 and 3.6).
 *
 * <p>Data and R2Ts are given to the connection at once, responses are converted at the end of the turn; so a response never
 * overtakes data.
 */
final class ControllerTcpQueuePair extends TcpQueuePair<ResponseCapsule, ReceivedCommand>
        implements ControllerQueuePair {

    /** Size of the queue until Connect tells: the smallest admin queue that Discovery guarantees. */
    private static final int INITIAL_QUEUE_SIZE = 32;

    private static final ControllerQueuePairParameters BEFORE_CONNECT = new ControllerQueuePairParameters(
            true, INITIAL_QUEUE_SIZE, true, HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA);

    private final Consumer<ControllerQueuePair> acceptor;
    private final @Nullable TransportAddress localAddress;
    private final @Nullable TransportAddress remoteAddress;
    private final int maxC2HData;
    private final ArrayDeque<SubmissionQueueEntry> entries = new ArrayDeque<>();
    private final WritableSignal writable = new WritableSignal(executor(), () -> isWritable() || ended() != null);
    private final LeavingData leaving = new LeavingData();

    private ControllerQueuePairParameters parameters = BEFORE_CONNECT;
    private boolean configured;
    private @Nullable DataAccount account;
    private ConnectionParameters connection = ConnectionParameters.INITIAL;
    private R2tIssuer r2ts = scheduler(0);

    /** The command whose in-capsule data is being received. */
    private @Nullable TcpReceivedCommand receivingCommand;

    /** The receive whose H2CData is being received. */
    private @Nullable H2cTransfer receiving;

    private int receivingBytes;
    private boolean receivingLast;

    ControllerTcpQueuePair(Channel channel, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        super(true, channel, options);
        this.acceptor = acceptor;
        this.localAddress = TcpAddresses.of(channel.localAddress());
        this.remoteAddress = TcpAddresses.of(channel.remoteAddress());
        // Every PDU but the last then starts and ends on a dword.
        this.maxC2HData = options.require(TcpOptions.MAX_C2H_DATA) & ~3;
    }

    private R2tIssuer scheduler(long maxR2t) {
        return new R2tIssuer(new TransferTags(INITIAL_QUEUE_SIZE, maxR2t), maxR2t, this::sendR2t);
    }

    @Override
    public boolean admin() {
        return parameters.admin();
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public Flux<ReceivedCommand> commands() {
        return received;
    }

    @Override
    public void configure(ControllerQueuePairParameters agreed) {
        if (configured) {
            throw new IllegalStateException("the queue pair is configured already");
        }
        configured = true;
        parameters = agreed;
        r2ts.resize(agreed.queueSize());
        if (!agreed.admin()) {
            expect(1);
        }
    }

    @Override
    public Mono<Void> transmit(ResponseCapsule response) {
        return unsent.transmit(response);
    }

    @Override
    public void submit(ResponseCapsule response) {
        unsent.submit(response);
    }

    @Override
    public boolean account(DataAccount told) {
        account = told;
        leaving.account(told);
        return true;
    }

    @Override
    public Mono<Void> writable() {
        return writable.mono();
    }

    @Override
    void writabilityChanged() {
        writable.changed();
    }

    // ---- sending

    @Override
    void startInitialization(PduWriter writer) {
        // The host begins.
    }

    @Override
    boolean isReadyPending() {
        return false;
    }

    @Override
    boolean convertReady() {
        return false;
    }

    @Override
    public void convert(ResponseCapsule response) {
        PduWriter writer = writer();
        int header = writer.begin(PduType.CAPSULE_RESP, 0, 0);
        response.encode(writer.buffer(), CapsuleResp.entry(header));
        writer.end();
    }

    @Override
    void flushed(PduWriter writer) {
        leaving.flushed(writer);
    }

    @Override
    void closed() {
        leaving.closed();
    }

    @Override
    public void dropped(ResponseCapsule response) {}

    /**
     * Sends data of a command as C2HData and consumes the buffer. What goes wrong on the way may leave half a PDU behind, so
     * it ends the connection.
     *
     * @return whether success went with it
     */
    boolean sendData(int commandId, long offset, ByteBuf data, boolean last) {
        boolean success = last && !parameters.sqFlowControl();
        leaving.add(data.readableBytes());
        try {
            if (ended() == null) {
                writeData(commandId, offset, data, last, success);
                scheduleTurn();
            } else if (isClosed()) {
                leaving.closed();
            }
        } catch (RuntimeException | Error e) {
            end(new Termination.IoFailure(e));
        } finally {
            data.release();
        }
        return success;
    }

    private void writeData(int commandId, long offset, ByteBuf data, boolean last, boolean success) {
        PduWriter writer = writer();
        int from = data.readerIndex();
        int left = data.readableBytes();
        long at = offset;
        while (left > 0) {
            int length = Math.min(left, maxC2HData);
            left -= length;
            int flags = last && left == 0 ? CommonHeader.LAST_PDU | (success ? CommonHeader.SUCCESS : 0) : 0;
            int header = writer.begin(PduType.C2H_DATA, flags, length);
            C2hData.encode(writer.buffer(), header, commandId, at, length);
            writer.end();
            writer.data(data, from, length);
            from += length;
            at += length;
        }
    }

    private void sendR2t(H2cTransfer receive) {
        PduWriter writer = writer();
        int header = writer.begin(PduType.R2T, 0, 0);
        R2t.encode(
                writer.buffer(),
                header,
                receive.command().commandId(),
                receive.tag(),
                receive.offset(),
                receive.length());
        writer.end();
        scheduleTurn();
    }

    // ---- receiving

    @Override
    public ConnectionParameters initialized(ByteBuf pdu, int index) throws ProtocolViolation {
        connection = InitializeConnection.request(options, pdu, index);
        PduWriter writer = writer();
        InitializeConnection.encodeResponse(options, connection, writer.buffer(), writer.initialization());
        r2ts = scheduler(connection.maxR2t());
        initialized(connection);
        acceptor.accept(this);
        return connection;
    }

    @Override
    public void received(PduType type, ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        switch (type) {
            case CAPSULE_CMD -> capsuleCmd(pdu, index, dataLength);
            case H2C_DATA -> h2cData(pdu, index, dataLength);
            default -> terminated(pdu, index);
        }
    }

    private void capsuleCmd(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        int entryIndex = CapsuleCmd.entry(index);
        int limit = parameters.maxInCapsuleData();
        if (SubmissionQueueEntry.opcode(pdu, entryIndex) == FabricsCommandType.FABRICS_OPCODE) {
            limit = Math.max(limit, HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA);
        }
        CapsuleCmd.check(dataLength, limit);
        SubmissionQueueEntry entry = entries.poll();
        if (entry == null) {
            entry = new SubmissionQueueEntry().wrap(Unpooled.wrappedBuffer(new byte[SubmissionQueueEntry.LENGTH]), 0);
        }
        entry.buffer().setBytes(0, pdu, entryIndex, SubmissionQueueEntry.LENGTH);
        r2ts.reused(entry.commandId());
        int length = (int) dataLength;
        receivingCommand = new TcpReceivedCommand(this, entry, length);
        DataAccount told = account;
        if (length == 0 || told == null || told.takeInCapsule(length, this::inCapsuleTaken)) {
            makeHome();
        } else {
            // Nothing behind the capsule's header is read until there is memory for its data.
            pause();
        }
    }

    private void inCapsuleTaken() {
        makeHome();
        resume();
    }

    /** Memory for in-capsule data that has been accounted for. */
    private void makeHome() {
        TcpReceivedCommand command = receivingCommand;
        if (command == null || command.inCapsuleLength() == 0) {
            return;
        }
        command.accounted();
        ByteBuf home;
        try {
            home = allocator().directBuffer(command.inCapsuleLength(), command.inCapsuleLength());
        } catch (OutOfMemoryError e) { // the data is read and dropped, and the command answered
            command.withoutMemory();
            return;
        }
        command.home(home);
        reader.home(home, 0);
    }

    /** In-capsule data is not needed any more. */
    void giveInCapsule(int bytes) {
        DataAccount told = account;
        if (told != null) {
            told.giveInCapsule(bytes);
        }
    }

    private void h2cData(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        H2cData.checkLimit(pdu, index, connection.maxH2CData());
        int tag = H2cData.tag(pdu, index);
        H2cTransfer receive = tag == 0 ? null : r2ts.find(tag);
        if (receive == null) {
            throw H2cData.unexpected(tag);
        }
        H2cData.check(
                pdu,
                index,
                dataLength,
                receive.command().commandId(),
                receive.offset(),
                receive.length(),
                receive.progress());
        receiving = receive;
        receivingBytes = H2cData.length(pdu, index);
        receivingLast = CommonHeader.isLast(pdu, index);
        ByteBuf home = receive.home();
        if (home != null) {
            reader.home(home, receive.progress());
        }
    }

    @Override
    public void dataReceived(boolean intact) throws ProtocolViolation {
        TcpReceivedCommand command = receivingCommand;
        if (command != null) {
            receivingCommand = null;
            command.inCapsuleDataReceived(intact);
            deliver(command);
            return;
        }
        H2cTransfer receive = receiving;
        receiving = null;
        if (receive != null) {
            receive.received(receivingBytes, intact);
            if (receivingLast) {
                r2ts.done(receive);
                receive.endOfData();
            }
        }
    }

    // ---- transfers

    void fetch(H2cTransfer receive) {
        r2ts.add(receive);
    }

    void abandon(H2cTransfer receive, ByteBuf home) {
        reader.discard(home);
        r2ts.abandon(receive);
    }

    void recycle(SubmissionQueueEntry entry) {
        entries.add(entry);
    }

    @Override
    boolean isDataDue() {
        return r2ts.isOpen();
    }

    @Override
    void abortTransfers() {
        TcpReceivedCommand incomplete = receivingCommand;
        if (incomplete != null) {
            receivingCommand = null;
            incomplete.release();
        }
        receiving = null;
        r2ts.abortAll();
    }

    @Override
    int queueSize() {
        return parameters.queueSize();
    }

    @Override
    void discard(ReceivedCommand command) {
        command.release();
    }
}
