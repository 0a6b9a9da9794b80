package io.nvmf.rdma;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.awaitility.Awaitility;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The other end of a queue pair, which says what a test wants it to say. Methods from any thread, but those of RDMA. */
final class RawPeer implements RdmaReceiver {

    /** A message that has come. */
    static final class Message {

        private final byte[] bytes;
        private final int invalidated;

        Message(byte[] bytes, int invalidated) {
            this.bytes = bytes;
            this.invalidated = invalidated;
        }

        byte[] bytes() {
            return bytes.clone();
        }

        /** The key that has been invalidated. */
        int invalidated() {
            return invalidated;
        }

        int commandId() {
            return bytes[2] & 0xFF | (bytes[3] & 0xFF) << 8;
        }

        int identifier() {
            return bytes[SubmissionQueueEntry.SGL1 + SglDescriptor.IDENTIFIER] & 0xFF;
        }

        int key() {
            return SglDescriptor.key(Unpooled.wrappedBuffer(bytes), SubmissionQueueEntry.SGL1);
        }

        long address() {
            return SglDescriptor.address(Unpooled.wrappedBuffer(bytes), SubmissionQueueEntry.SGL1);
        }

        /** The description of the data, in hexadecimal digits. */
        String sgl() {
            return ByteBufUtil.hexDump(bytes, SubmissionQueueEntry.SGL1, SglDescriptor.LENGTH);
        }
    }

    private final RdmaConnection connection;
    /** Not one that blocks, because an event loop adds. */
    private final Queue<Message> messages = new ConcurrentLinkedQueue<>();

    private final CompletableFuture<RdmaEnd> end = new CompletableFuture<>();

    private RawPeer(RdmaConnection connection) {
        this.connection = connection;
    }

    /** Hears of a connection from now on; on its event loop. */
    static RawPeer on(RdmaConnection connection) {
        RawPeer peer = new RawPeer(connection);
        connection.receiver(peer);
        return peer;
    }

    /** A host that asks for a queue of these entries. */
    static RawPeer host(RdmaProvider provider, TransportAddress address, int queueId, int entries, int readsIn) {
        RawPeer peer = provider.connect(new RdmaConnectRequest(
                        address,
                        PATIENCE,
                        new CmRequest(queueId, entries, entries - 1, 0).encode(),
                        new RdmaLimits(1000, entries, 16, readsIn, 0),
                        TransportOptions.none()))
                .map(RawPeer::on)
                .block(PATIENCE);
        if (peer == null) {
            throw new AssertionError("not connected");
        }
        return peer;
    }

    RdmaConnection connection() {
        return connection;
    }

    /** Runs on the event loop and waits for the end. */
    <T> T call(Function<RdmaConnection, T> task) {
        T result = Mono.fromCallable(() -> connection
                        .executor()
                        .submit(() -> task.apply(connection))
                        .get())
                .subscribeOn(Schedulers.boundedElastic())
                .block(PATIENCE);
        if (result == null) {
            throw new AssertionError("no result");
        }
        return result;
    }

    /** Runs on the event loop and waits for the end. */
    void run(Consumer<RdmaConnection> task) {
        call(on -> {
            task.accept(on);
            return true;
        });
    }

    /** Sends bytes. */
    void send(byte[] bytes, int invalidate) {
        run(on -> on.send(own(on, bytes), null, invalidate, failure -> {}));
    }

    /** Answers a command with success. */
    void respond(int commandId, int invalidate) {
        ByteBuf entry = Unpooled.buffer(16).writeZero(16);
        ResponseCapsule.of(commandId, 0, 0, 0, 0).encode(entry, 0);
        send(ByteBufUtil.getBytes(entry), invalidate);
    }

    /** Writes into a window of the queue pair. */
    void write(byte[] data, long address, int key) {
        run(on -> on.write(own(on, data), address, key, failure -> {}));
    }

    /** In memory that every provider reaches. */
    private static ByteBuf own(RdmaConnection on, byte[] bytes) {
        return on.allocator().directBuffer(bytes.length).writeBytes(bytes);
    }

    /** The next message; waits for it. */
    Message next() {
        return Awaitility.await().atMost(PATIENCE).until(messages::poll, Objects::nonNull);
    }

    /** How many messages have come and were not taken. */
    int waiting() {
        return messages.size();
    }

    /** How the connection ended; waits for it. */
    RdmaEnd end() {
        RdmaEnd how = Mono.fromFuture(end).block(PATIENCE);
        if (how == null) {
            throw new AssertionError("not ended");
        }
        return how;
    }

    /** A command: its data is described as told, and what follows the entry comes within the capsule. */
    static byte[] command(int opcode, int commandId, int identifier, long address, int length, int key, int inCapsule) {
        ByteBuf bytes = Unpooled.buffer(64 + inCapsule).writeZero(64 + inCapsule);
        bytes.setByte(SubmissionQueueEntry.OPCODE, opcode);
        bytes.setByte(SubmissionQueueEntry.FLAGS, 0x40);
        bytes.setShortLE(SubmissionQueueEntry.COMMAND_ID, commandId);
        if (KeyedSgl.isKeyed(identifier)) {
            SglDescriptor.keyedDataBlock(bytes, SubmissionQueueEntry.SGL1, address, length, key, identifier == 0x4F);
        } else {
            SglDescriptor.encode(bytes, SubmissionQueueEntry.SGL1, identifier, address, length);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    @Override
    public void received(ByteBuf message, int invalidated) {
        messages.add(new Message(ByteBufUtil.getBytes(message), invalidated));
        message.release();
    }

    @Override
    public void writableChanged() {}

    @Override
    public void ended(RdmaEnd how) {
        end.complete(how);
    }
}
