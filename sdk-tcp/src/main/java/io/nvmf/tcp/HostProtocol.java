package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.tcp.pdu.C2hData;
import io.nvmf.tcp.pdu.CapsuleCmd;
import io.nvmf.tcp.pdu.CapsuleResp;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.H2cData;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.R2t;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.support.TransferDescription;
import io.nvmf.transport.support.UnsentCapsules;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The host's side of the protocol: CapsuleCmd and H2CData out; CapsuleResp, C2HData and R2T in (NVMe/TCP Transport
 * Specification, "Data Transfers").
 *
 * <p>R2Ts are answered in order of arrival, before capsules not converted yet. Data received goes straight to its place
 * in the command's buffer. Event loop only.
 */
final class HostProtocol implements Protocol, UnsentCapsules.CommandSender, UnwrittenData.Listener {

    private final HostQueuePairParameters parameters;
    private final Runnable whenInitialized;
    private final TcpConnection<?> connection;
    private final UnsentCapsules<CommandCapsule> unsent;
    private final ReceivedCapsules<ResponseCapsule> received;
    private final CommandTransfers transfers;
    private final ReceivedR2ts r2ts = new ReceivedR2ts();
    private final UnwrittenData sent = new UnwrittenData(this);

    private ConnectionParameters agreed = ConnectionParameters.INITIAL;

    /** The C2HData PDU being received. */
    private @Nullable CommandTransfer receiving;

    private int receivingBytes;
    private int receivingFlags;

    /**
     * Creates the protocol of a connection.
     *
     * @param connection the connection, which is not complete yet
     * @param parameters of the queue pair
     * @param whenInitialized called when ICReq and ICResp have been exchanged
     */
    HostProtocol(TcpConnection<?> connection, HostQueuePairParameters parameters, Runnable whenInitialized) {
        this.connection = connection;
        this.parameters = parameters;
        this.whenInitialized = whenInitialized;
        this.unsent = new UnsentCapsules<>(connection.executor(), this);
        this.received = new ReceivedCapsules<>(connection.executor(), connection::updateReading, dropped -> {});
        this.transfers = new CommandTransfers(parameters.queueSize());
    }

    UnsentCapsules<CommandCapsule> unsent() {
        return unsent;
    }

    Flux<ResponseCapsule> responses() {
        return received.flux();
    }

    // ---- sending

    @Override
    public void startInitialization(PduWriter writer) {
        int index = writer.initialization();
        InitializeConnection.encodeRequest(connection.options(), writer.buffer(), index);
    }

    @Override
    public boolean hasUnsent() {
        return r2ts.isPending() || !unsent.isEmpty();
    }

    @Override
    public boolean convertNext() {
        return answerR2t() || unsent.convertNext();
    }

    @Override
    public void queued() {
        connection.scheduleTurn();
    }

    @Override
    public @Nullable Termination ended() {
        return connection.ended();
    }

    /** Answers the first R2T with one H2CData PDU. */
    private boolean answerR2t() {
        if (!r2ts.isPending()) {
            return false;
        }
        CommandTransfer transfer = r2ts.transfer();
        CommandCapsule capsule = transfer.capsule();
        int offset = r2ts.offset();
        int length = Math.min(r2ts.length(), agreed.maxH2CData());
        boolean last = length == r2ts.length();
        PduWriter writer = connection.writer();
        int header = writer.begin(PduType.H2C_DATA, last ? CommonHeader.LAST_PDU : 0, length);
        H2cData.encode(writer.buffer(), header, capsule.commandId(), r2ts.tag(), offset, length);
        writer.end();
        // May fail, and is not to be counted as sent then.
        writer.data(data(capsule), capsule.dataIndex() + offset, length);
        r2ts.advance(length);
        sent.add(transfer, length);
        if (last) {
            transfer.answeredR2t();
        }
        return true;
    }

    @Override
    public void convert(CommandCapsule capsule) {
        CommandTransfer transfer;
        try {
            transfer = encode(capsule);
        } catch (RuntimeException | Error e) {
            dropped(capsule);
            throw e;
        }
        PduWriter writer = connection.writer();
        int length = capsule.dataLength();
        boolean inCapsule = transfer != null && !transfer.waitsForPeer();
        writer.beginReserved(PduType.CAPSULE_CMD, 0, inCapsule ? length : 0);
        writer.end();
        if (inCapsule && transfer != null) {
            writer.data(data(capsule), capsule.dataIndex(), length);
            sent.add(transfer, length);
        }
        if (!parameters.admin()) {
            connection.expect(1);
        }
        capsule.transmitted();
    }

    /** Encodes the entry where the header will be, and starts the transfer of the data, if there is any. */
    private @Nullable CommandTransfer encode(CommandCapsule capsule) {
        PduWriter writer = connection.writer();
        boolean sends = capsule.transfer() == CommandCapsule.Transfer.SEND;
        int header = writer.reserve(sends ? capsule.dataLength() : 0);
        int entry = CapsuleCmd.entry(header);
        ByteBuf buffer = writer.buffer();
        capsule.encode(buffer, entry);
        int length = capsule.dataLength();
        boolean inCapsule = sends && length <= CapsuleCmd.maxData(buffer, entry, parameters.maxInCapsuleData());
        if (inCapsule) {
            TransferDescription.inCapsule(capsule, buffer, entry);
        } else {
            TransferDescription.byTransport(capsule, buffer, entry);
        }
        if (length == 0) {
            return null;
        }
        CommandTransfer transfer = transfers.get(capsule.commandId());
        if (transfer.isActive()) {
            throw new IllegalStateException(
                    "command identifier " + capsule.commandId() + " has a data transfer under way");
        }
        transfer.start(capsule, !inCapsule);
        return transfer;
    }

    @Override
    public void flushed(PduWriter writer) {
        sent.flushed(writer);
    }

    @Override
    public void dropUnsent(Termination how) {
        unsent.dropAll(how);
    }

    @Override
    public void dropped(CommandCapsule capsule) {
        if (capsule.dataLength() > 0) {
            capsule.transferComplete(0, TransferException.aborted(0));
        }
    }

    // ---- receiving

    @Override
    public ConnectionParameters initialized(ByteBuf pdu, int index) throws ProtocolViolation {
        agreed = InitializeConnection.response(connection.options(), pdu, index);
        connection.initialized(agreed);
        whenInitialized.run();
        return agreed;
    }

    @Override
    public void received(PduType type, ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        switch (type) {
            case CAPSULE_RESP -> capsuleResp(pdu, index);
            case C2H_DATA -> c2hData(pdu, index, dataLength);
            case R2T -> r2t(pdu, index);
            default -> connection.terminated(pdu, index);
        }
    }

    private void capsuleResp(ByteBuf pdu, int index) throws ProtocolViolation {
        int entry = CapsuleResp.entry(index);
        CommandTransfer transfer = transfers.find(pdu.getUnsignedShortLE(entry + CompletionQueueEntry.COMMAND_ID));
        if (transfer != null && transfer.isActive()) {
            transfer.responded();
        }
        if (connection.ended() == null) {
            respond(ResponseCapsule.decode(pdu, entry));
        }
    }

    private void c2hData(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        int commandId = C2hData.commandId(pdu, index);
        CommandTransfer transfer = transfers.find(commandId);
        if (transfer == null || !transfer.isReceiving()) {
            throw C2hData.unexpected(commandId);
        }
        C2hData.check(pdu, index, dataLength, transfer.length(), transfer.progress());
        receiving = transfer;
        receivingBytes = C2hData.length(pdu, index);
        receivingFlags = CommonHeader.flags(pdu, index);
        if (!transfer.isDiscarded()) {
            CommandCapsule capsule = transfer.capsule();
            connection.reader.home(data(capsule), capsule.dataIndex() + C2hData.offset(pdu, index));
        }
    }

    /** Takes the memory of a command out of reach, also while data for it is being read. */
    void discardData(CommandCapsule capsule) {
        CommandTransfer transfer = transfers.find(capsule.commandId());
        if (transfer == null || !transfer.isReceiving() || transfer.capsule() != capsule) {
            return;
        }
        transfer.discard();
        ByteBuf home = capsule.data();
        if (transfer == receiving && home != null) {
            connection.reader.discard(home);
        }
    }

    @Override
    public void dataReceived(boolean intact) throws ProtocolViolation {
        CommandTransfer transfer = receiving;
        receiving = null;
        if (transfer == null) {
            return;
        }
        transfer.received(receivingBytes, intact);
        if ((receivingFlags & CommonHeader.LAST_PDU) != 0) {
            int commandId = transfer.capsule().commandId();
            transfer.endOfData();
            if ((receivingFlags & CommonHeader.SUCCESS) != 0 && connection.ended() == null) {
                respond(ResponseCapsule.successWithData(commandId));
            }
        }
    }

    private void respond(ResponseCapsule response) throws ProtocolViolation {
        if (!parameters.admin()) {
            connection.expect(-1);
        }
        received.deliver(response, parameters.queueSize());
    }

    private void r2t(ByteBuf pdu, int index) throws ProtocolViolation {
        int commandId = R2t.commandId(pdu, index);
        CommandTransfer transfer = transfers.find(commandId);
        if (transfer == null || !transfer.isRequestable()) {
            throw R2t.unexpected(commandId);
        }
        R2t.check(pdu, index, transfer.length(), transfer.progress(), transfer.openR2ts(), agreed.maxR2t());
        int length = R2t.length(pdu, index);
        transfer.requested(length);
        transfer.capsule().dataRequested(length);
        r2ts.add(transfer, R2t.tag(pdu, index), R2t.offset(pdu, index), length);
    }

    @Override
    public boolean wantsInput() {
        return received.hasDemand() || transfers.isDataDue();
    }

    @Override
    public void complete() {
        received.complete();
    }

    // ---- transfers

    @Override
    public void abortTransfers() {
        r2ts.clear();
        sent.clear();
        transfers.abortAll();
    }

    @Override
    public void abortIdleTransfers() {
        r2ts.clear();
        transfers.abortIdle();
    }

    @Override
    public boolean isDataLeaving() {
        return !sent.isEmpty();
    }

    /** From {@link UnwrittenData}: data that the socket had left behind is written. */
    @Override
    public void left() {
        connection.dataLeft();
    }

    @Override
    public void failed(Throwable callBack) {
        connection.end(new Termination.IoFailure(callBack));
    }

    private static ByteBuf data(CommandCapsule capsule) {
        ByteBuf data = capsule.data();
        if (data == null) {
            throw new IllegalStateException("command " + capsule.commandId() + " lost its data");
        }
        return data;
    }
}
