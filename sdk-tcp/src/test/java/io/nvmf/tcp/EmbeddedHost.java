package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host's role in an embedded channel; the test is the controller. */
final class EmbeddedHost extends EmbeddedPair {

    /** Carries an opcode, keeps its transfer's end. */
    static class Capsule extends CommandCapsule {

        private final int opcode;
        final List<String> events = new ArrayList<>();
        long bytes = -1;

        @Nullable
        TransferException error;

        Runnable whenComplete = () -> {};

        Capsule(int opcode, int commandId) {
            this.opcode = opcode;
            commandId(commandId);
        }

        static Capsule send(int commandId, byte[] data) {
            Capsule capsule = new Capsule(0x01, commandId);
            capsule.attachData(Transfer.SEND, buffer(data), data.length);
            return capsule;
        }

        static Capsule receive(int commandId, int length) {
            Capsule capsule = new Capsule(0x02, commandId);
            capsule.attachData(Transfer.RECEIVE, buffer(new byte[0]).capacity(length), length);
            return capsule;
        }

        @Override
        public void encode(ByteBuf target, int index) {
            target.setZero(index, SubmissionQueueEntry.LENGTH);
            target.setByte(index, opcode);
        }

        @Override
        public void transmitted() {
            events.add("transmitted");
        }

        /** The content at the end of the transfer. */
        byte[] received = new byte[0];

        @Override
        public void transferComplete(long moved, @Nullable TransferException failure) {
            events.add("transferComplete");
            bytes = moved;
            error = failure;
            ByteBuf data = detachData();
            if (data != null) {
                received = new byte[(int) moved];
                if (data.capacity() >= moved) {
                    data.getBytes(0, received);
                }
                data.release();
            }
            whenComplete.run();
        }

        boolean isDone() {
            return bytes >= 0;
        }
    }

    final HostTcpQueuePair queuePair;
    final List<ResponseCapsule> responses = new ArrayList<>();
    boolean initialized;

    /** After the handshake, with unbounded demand. */
    EmbeddedHost(Agreed agreed, Fragmentation fragmentation) {
        this(agreed, fragmentation, 8192);
        handshake();
    }

    /** The handshake, and then unbounded demand. */
    void handshake() {
        start();
        expect(agreed.icReq());
        deliver(agreed.icResp());
        assertThat(initialized).isTrue();
        queuePair.responses().subscribe(responses::add);
    }

    /** Before the handshake. */
    EmbeddedHost(Agreed agreed, Fragmentation fragmentation, int maxInCapsuleData) {
        this(agreed, fragmentation, maxInCapsuleData, UnpooledByteBufAllocator.DEFAULT);
    }

    /** Before the handshake, with memory from this allocator. */
    EmbeddedHost(Agreed agreed, Fragmentation fragmentation, int maxInCapsuleData, ByteBufAllocator allocator) {
        super(agreed, fragmentation, allocator);
        queuePair = new HostTcpQueuePair(
                channel,
                TestQueuePairs.parameters(TransportAddress.of("127.0.0.1", 4420), true, maxInCapsuleData)
                        .options(agreed.options())
                        .build(),
                () -> initialized = true);
        queuePair.termination().subscribe(ends::add);
        channel.pipeline().addLast(queuePair.connection());
    }

    void start() {
        queuePair.connection().start(Duration.ofSeconds(10));
    }

    void submit(Capsule capsule) {
        queuePair.submit(capsule);
        channel.runPendingTasks();
    }

    /** As the test's controller sends it. */
    void receive(TestPdu... pdus) {
        for (TestPdu pdu : pdus) {
            agreed.toHost(pdu);
        }
        deliver(pdus);
    }

    /** Fails unless the controller gets exactly this. */
    void expectSent(TestPdu... pdus) {
        for (TestPdu pdu : pdus) {
            agreed.toController(pdu);
        }
        expect(pdus);
    }

    /** Submits a read and takes its capsule off the wire. */
    Capsule reading(int commandId, int length) {
        Capsule capsule = Capsule.receive(commandId, length);
        submit(capsule);
        expectSent(TestPdu.capsuleCmd(0x02, commandId, length));
        return capsule;
    }

    /** Submits a write that is too large for the capsule and takes its capsule off the wire. */
    Capsule writing(int commandId, int length) {
        assertThat(length).isGreaterThan(8192);
        Capsule capsule = Capsule.send(commandId, pattern(length));
        submit(capsule);
        expectSent(TestPdu.capsuleCmd(0x01, commandId, length));
        return capsule;
    }
}
