package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.nvmf.spec.CompletionQueueEntry;
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
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.TransferDescription;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The host's role: CapsuleCmd and H2CData out; CapsuleResp, C2HData and R2T in (NVMe/TCP sections 3.3 and 3.6).
 *
 * <p>R2Ts are answered in order of arrival, before capsules not converted yet. Data received goes straight to its place in
 * the command's buffer.
 */
final class HostTcpQueuePair extends TcpQueuePair<CommandCapsule, ResponseCapsule> implements HostQueuePair {

    private final HostQueuePairParameters parameters;
    private final Runnable whenInitialized;
    private final Optional<TransportAddress> remoteAddress;
    private final ReceivedR2ts r2ts = new ReceivedR2ts();
    private final UnwrittenData sent = new UnwrittenData(this);

    private ConnectionParameters connection = ConnectionParameters.INITIAL;

    /** By command identifier. */
    private @Nullable CommandTransfer[] transfers;

    private int dataDue;

    /** The C2HData PDU being received. */
    private @Nullable CommandTransfer receiving;

    private int receivingBytes;
    private int receivingFlags;

    HostTcpQueuePair(Channel channel, HostQueuePairParameters parameters, Runnable whenInitialized) {
        super(false, channel, parameters.options());
        this.parameters = parameters;
        this.whenInitialized = whenInitialized;
        this.remoteAddress = remoteAddress(channel);
        this.transfers = new CommandTransfer[Math.min(parameters.queueSize(), 1024)];
    }

    /** As long as the connection lives, for afterwards nobody knows any more. */
    private static Optional<TransportAddress> remoteAddress(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress reached && reached.getAddress() != null
                ? Optional.of(TransportAddress.of(
                        ScopedAddress.text(reached.getAddress(), channel.localAddress()), reached.getPort()))
                : Optional.empty();
    }

    @Override
    public Optional<TransportAddress> remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean admin() {
        return parameters.admin();
    }

    @Override
    public long maxTransferSize() {
        return UNLIMITED;
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return received;
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return unsent.transmit(capsule);
    }

    @Override
    public void submit(CommandCapsule capsule) {
        unsent.submit(capsule);
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        return unsent.withdraw(capsule);
    }

    // ---- sending

    @Override
    void startInitialization(PduWriter writer) {
        int index = writer.initialization();
        InitializeConnection.encodeRequest(options, writer.buffer(), index);
    }

    @Override
    boolean isReadyPending() {
        return r2ts.isPending();
    }

    /** Answers the first R2T with one H2CData PDU. */
    @Override
    boolean convertReady() {
        if (!r2ts.isPending()) {
            return false;
        }
        CommandTransfer transfer = r2ts.transfer();
        CommandCapsule capsule = transfer.capsule();
        int offset = r2ts.offset();
        int length = Math.min(r2ts.length(), connection.maxH2CData());
        boolean last = length == r2ts.length();
        PduWriter writer = writer();
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
    public boolean wanted(CommandCapsule capsule) {
        return capsule.wanted();
    }

    @Override
    public void withdrawn(CommandCapsule capsule) {
        dropped(capsule);
        capsule.withdrawn();
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
        PduWriter writer = writer();
        int length = capsule.dataLength();
        boolean inCapsule = transfer != null && !transfer.waitsForPeer();
        writer.begin(PduType.CAPSULE_CMD, 0, inCapsule ? length : 0);
        writer.end();
        if (inCapsule && transfer != null) {
            writer.data(data(capsule), capsule.dataIndex(), length);
            sent.add(transfer, length);
        }
        if (!parameters.admin()) {
            expect(1);
        }
        capsule.transmitted();
    }

    /** Encodes the entry where the header will be, and starts the transfer of the data, if there is any. */
    private @Nullable CommandTransfer encode(CommandCapsule capsule) {
        PduWriter writer = writer();
        int header = writer.reserve();
        int entry = CapsuleCmd.entry(header);
        ByteBuf buffer = writer.buffer();
        capsule.encode(buffer, entry);
        int length = capsule.dataLength();
        boolean inCapsule = capsule.transfer() == CommandCapsule.Transfer.SEND
                && length <= maxInCapsuleData(SubmissionQueueEntry.opcode(buffer, entry));
        if (inCapsule) {
            TransferDescription.inCapsule(capsule, buffer, entry);
        } else {
            TransferDescription.byTransport(capsule, buffer, entry);
        }
        if (length == 0) {
            return null;
        }
        CommandTransfer transfer = transfer(capsule.commandId());
        if (transfer.isActive()) {
            throw new IllegalStateException(
                    "command identifier " + capsule.commandId() + " has a data transfer under way");
        }
        transfer.start(capsule, !inCapsule);
        return transfer;
    }

    /** Fabrics commands may carry as much as on the admin queue, for they come before the limit is known. */
    private int maxInCapsuleData(int opcode) {
        return opcode == FabricsCommandType.FABRICS_OPCODE
                ? Math.max(parameters.maxInCapsuleData(), HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA)
                : parameters.maxInCapsuleData();
    }

    @Override
    void flushed(PduWriter writer) {
        if (!sent.hasUnmarked()) {
            return;
        }
        if (writer.isAllTaken()) {
            sent.allWritten();
        } else {
            sent.mark(writer.promise());
        }
    }

    @Override
    void closed() {}

    @Override
    public void dropped(CommandCapsule capsule) {
        if (capsule.dataLength() > 0) {
            capsule.transferComplete(0, TransferException.aborted(0));
        }
    }

    // ---- receiving

    @Override
    public ConnectionParameters initialized(ByteBuf pdu, int index) throws ProtocolViolation {
        connection = InitializeConnection.response(options, pdu, index);
        initialized(connection);
        whenInitialized.run();
        return connection;
    }

    @Override
    public void received(PduType type, ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        switch (type) {
            case CAPSULE_RESP -> capsuleResp(pdu, index);
            case C2H_DATA -> c2hData(pdu, index, dataLength);
            case R2T -> r2t(pdu, index);
            default -> terminated(pdu, index);
        }
    }

    private void capsuleResp(ByteBuf pdu, int index) throws ProtocolViolation {
        int entry = CapsuleResp.entry(index);
        CommandTransfer transfer = find(pdu.getUnsignedShortLE(entry + CompletionQueueEntry.COMMAND_ID));
        if (transfer != null && transfer.isActive()) {
            transfer.responded();
        }
        if (ended() == null) {
            respond(ResponseCapsule.decode(pdu, entry));
        }
    }

    private void c2hData(ByteBuf pdu, int index, long dataLength) throws ProtocolViolation {
        int commandId = C2hData.commandId(pdu, index);
        CommandTransfer transfer = find(commandId);
        if (transfer == null || !transfer.isReceiving()) {
            throw C2hData.unexpected(commandId);
        }
        C2hData.check(pdu, index, dataLength, transfer.length(), transfer.progress());
        receiving = transfer;
        receivingBytes = C2hData.length(pdu, index);
        receivingFlags = CommonHeader.flags(pdu, index);
        CommandCapsule capsule = transfer.capsule();
        reader.home(data(capsule), capsule.dataIndex() + C2hData.offset(pdu, index));
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
            if ((receivingFlags & CommonHeader.SUCCESS) != 0 && ended() == null) {
                respond(ResponseCapsule.successWithData(commandId));
            }
        }
    }

    private void respond(ResponseCapsule response) throws ProtocolViolation {
        if (!parameters.admin()) {
            expect(-1);
        }
        deliver(response);
    }

    private void r2t(ByteBuf pdu, int index) throws ProtocolViolation {
        int commandId = R2t.commandId(pdu, index);
        CommandTransfer transfer = find(commandId);
        if (transfer == null || !transfer.isRequestable()) {
            throw R2t.unexpected(commandId);
        }
        R2t.check(pdu, index, transfer.length(), transfer.progress(), transfer.openR2ts(), connection.maxR2t());
        int length = R2t.length(pdu, index);
        transfer.requested(length);
        r2ts.add(transfer, R2t.tag(pdu, index), R2t.offset(pdu, index), length);
    }

    // ---- transfers

    @Override
    boolean isDataDue() {
        return dataDue > 0;
    }

    /** A transfer that waits for the peer starts or ends. */
    void dataDue(int change) {
        dataDue += change;
    }

    @Override
    void abortTransfers() {
        r2ts.clear();
        sent.clear();
        for (CommandTransfer transfer : transfers) {
            if (transfer != null) {
                CallBacks.guarded(transfer::abort);
            }
        }
    }

    @Override
    void abortIdleTransfers() {
        r2ts.clear();
        for (CommandTransfer transfer : transfers) {
            if (transfer != null && !transfer.isLeaving()) {
                CallBacks.guarded(transfer::abort);
            }
        }
    }

    @Override
    boolean isDataLeaving() {
        return !sent.isEmpty();
    }

    @Override
    int queueSize() {
        return parameters.queueSize();
    }

    @Override
    void discard(ResponseCapsule capsule) {}

    @Override
    void writabilityChanged() {}

    private @Nullable CommandTransfer find(int commandId) {
        return commandId < transfers.length ? transfers[commandId] : null;
    }

    private CommandTransfer transfer(int commandId) {
        if (commandId >= transfers.length) {
            transfers = Arrays.copyOf(transfers, Math.max(commandId + 1, transfers.length * 2));
        }
        CommandTransfer transfer = transfers[commandId];
        if (transfer == null) {
            transfer = new CommandTransfer(this);
            transfers[commandId] = transfer;
        }
        return transfer;
    }

    private static ByteBuf data(CommandCapsule capsule) {
        ByteBuf data = capsule.data();
        if (data == null) {
            throw new IllegalStateException("command " + capsule.commandId() + " lost its data");
        }
        return data;
    }
}
