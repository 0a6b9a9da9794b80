package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.tcp.pdu.CapsuleCmd;
import io.nvmf.tcp.pdu.CapsuleResp;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.H2cData;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.R2t;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.support.UnsentCapsules;
import io.nvmf.transport.support.WritableSignal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The controller's side of the protocol: CapsuleCmd and H2CData in; CapsuleResp, C2HData and R2T out (NVMe/TCP
 * Transport Specification, "Data Transfers").
 *
 * <p>Data and R2Ts are given to the connection at once, responses are converted at the end of the turn; so a response
 * never overtakes data. Event loop only, but for {@link #writable}.
 */
final class ControllerProtocol implements Protocol, UnsentCapsules.Sender<ResponseCapsule>, TcpReceivedCommand.Source {

    /** Size of the queue until Connect tells: the smallest admin queue that Discovery guarantees. */
    private static final int INITIAL_QUEUE_SIZE = 32;

    private static final ControllerQueuePairParameters BEFORE_CONNECT = new ControllerQueuePairParameters(
            true, INITIAL_QUEUE_SIZE, true, HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA);

    private final TcpConnection<?> connection;
    private final Runnable whenInitialized;
    private final UnsentCapsules<ResponseCapsule> unsent;
    private final ReceivedCapsules<ReceivedCommand> received;
    private final WritableSignal writable;
    private final ArrayDeque<SubmissionQueueEntry> entries = new ArrayDeque<>();
    private final DataSender sender;

    private ControllerQueuePairParameters parameters = BEFORE_CONNECT;
    private boolean configured;
    private @Nullable DataAccount account;
    private ConnectionParameters agreed = ConnectionParameters.INITIAL;
    private R2tIssuer r2ts = issuer(0);

    /** The command whose in-capsule data is being received. */
    private @Nullable TcpReceivedCommand receivingCommand;

    /** The receive whose H2CData is being received. */
    private @Nullable H2cTransfer receiving;

    private int receivingBytes;
    private boolean receivingLast;

    /**
     * Creates the protocol of a connection.
     *
     * @param connection the connection, which is not complete yet
     * @param whenInitialized called when ICReq and ICResp have been exchanged
     */
    ControllerProtocol(TcpConnection<?> connection, Runnable whenInitialized) {
        this.connection = connection;
        this.whenInitialized = whenInitialized;
        this.sender = new DataSender(connection);
        this.unsent = new UnsentCapsules<>(connection.executor(), this);
        this.received =
                new ReceivedCapsules<>(connection.executor(), connection::updateReading, ReceivedCommand::release);
        this.writable =
                new WritableSignal(connection.executor(), () -> connection.isWritable() || connection.ended() != null);
    }

    private R2tIssuer issuer(long maxR2t) {
        return new R2tIssuer(new TransferTags(INITIAL_QUEUE_SIZE, maxR2t), maxR2t, this::sendR2t);
    }

    boolean admin() {
        return parameters.admin();
    }

    UnsentCapsules<ResponseCapsule> unsent() {
        return unsent;
    }

    Flux<ReceivedCommand> commands() {
        return received.flux();
    }

    /** What Connect has agreed upon; once. */
    void configure(ControllerQueuePairParameters connect) {
        if (configured) {
            throw new IllegalStateException("the queue pair is configured already");
        }
        configured = true;
        parameters = connect;
        r2ts.resize(connect.queueSize());
        if (!connect.admin()) {
            connection.expect(1);
        }
    }

    /** Who counts the data of this connection. */
    void account(DataAccount told) {
        account = told;
        sender.account(told);
    }

    /** Any thread. */
    Mono<Void> writable() {
        return writable.mono();
    }

    @Override
    public void writabilityChanged() {
        writable.changed();
    }

    // ---- sending

    @Override
    public void startInitialization(PduWriter writer) {
        // The host begins.
    }

    @Override
    public boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    @Override
    public boolean convertNext() {
        return unsent.convertNext();
    }

    @Override
    public void queued() {
        connection.scheduleTurn();
    }

    @Override
    public @Nullable Termination ended() {
        return connection.ended();
    }

    @Override
    public void convert(ResponseCapsule response) {
        PduWriter writer = connection.writer();
        int header = writer.begin(PduType.CAPSULE_RESP, 0, 0);
        response.encode(writer.buffer(), CapsuleResp.entry(header));
        writer.end();
    }

    @Override
    public void flushed(PduWriter writer) {
        sender.flushed(writer);
    }

    @Override
    public void dropUnsent(Termination how) {
        unsent.dropAll(how);
    }

    @Override
    public void closed() {
        sender.closed();
    }

    @Override
    public void dropped(ResponseCapsule response) {}

    @Override
    public boolean sendData(int commandId, long offset, ByteBuf data, boolean last) {
        boolean success = last && !parameters.sqFlowControl();
        sender.send(commandId, offset, data, last, success);
        return success;
    }

    private void sendR2t(H2cTransfer receive) {
        PduWriter writer = connection.writer();
        int header = writer.begin(PduType.R2T, 0, 0);
        R2t.encode(
                writer.buffer(),
                header,
                receive.command().commandId(),
                receive.tag(),
                receive.offset(),
                receive.length());
        writer.end();
        connection.scheduleTurn();
    }

    // ---- receiving

    @Override
    public ConnectionParameters initialized(ByteBuf pdu, int index) throws ProtocolViolation {
        agreed = InitializeConnection.request(connection.options(), pdu, index);
        PduWriter writer = connection.writer();
        InitializeConnection.encodeResponse(connection.options(), agreed, writer.buffer(), writer.initialization());
        r2ts = issuer(agreed.maxR2t());
        connection.initialized(agreed);
        whenInitialized.run();
        return agreed;
    }

    @Override
    public void received(PduType type, ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        switch (type) {
            case CAPSULE_CMD -> capsuleCmd(pdu, index, dataLength);
            case H2C_DATA -> h2cData(pdu, index, dataLength);
            default -> connection.terminated(pdu, index);
        }
    }

    private void capsuleCmd(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        int entryIndex = CapsuleCmd.entry(index);
        CapsuleCmd.check(dataLength, CapsuleCmd.maxData(pdu, entryIndex, parameters.maxInCapsuleData()));
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
            connection.pause();
        }
    }

    private void inCapsuleTaken() {
        makeHome();
        connection.resume();
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
            home = connection.allocator().directBuffer(command.inCapsuleLength(), command.inCapsuleLength());
        } catch (OutOfMemoryError e) { // the data is read and dropped, and the command answered
            command.withoutMemory();
            return;
        }
        command.home(home);
        connection.reader.home(home, 0);
    }

    @Override
    public void giveInCapsule(int bytes) {
        DataAccount told = account;
        if (told != null) {
            told.giveInCapsule(bytes);
        }
    }

    private void h2cData(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        H2cData.checkLimit(pdu, index, agreed.maxH2CData());
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
            connection.reader.home(home, receive.progress());
        }
    }

    @Override
    public void dataReceived(boolean intact) throws ProtocolViolation {
        TcpReceivedCommand command = receivingCommand;
        if (command != null) {
            receivingCommand = null;
            command.inCapsuleDataReceived(intact);
            received.deliver(command, parameters.queueSize());
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

    @Override
    public boolean wantsInput() {
        return received.hasDemand() || r2ts.isOpen();
    }

    @Override
    public void complete() {
        received.complete();
    }

    // ---- for received commands and their transfers

    @Override
    public EventExecutor executor() {
        return connection.executor();
    }

    @Override
    public ByteBufAllocator allocator() {
        return connection.allocator();
    }

    @Override
    public boolean hasEnded() {
        return connection.ended() != null;
    }

    @Override
    public void fetch(H2cTransfer receive) {
        r2ts.add(receive);
    }

    @Override
    public void abandon(H2cTransfer receive, ByteBuf home) {
        connection.reader.discard(home);
        r2ts.abandon(receive);
    }

    @Override
    public void recycle(SubmissionQueueEntry entry) {
        entries.add(entry);
    }

    @Override
    public void abortTransfers() {
        TcpReceivedCommand incomplete = receivingCommand;
        if (incomplete != null) {
            receivingCommand = null;
            incomplete.release();
        }
        receiving = null;
        r2ts.abortAll();
    }
}
