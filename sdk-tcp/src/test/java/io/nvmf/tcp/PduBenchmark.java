package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.command.Command;
import io.nvmf.testing.benchmark.ShortBenchmark;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Encoding and decoding of PDUs by a host's queue pair, between capsules and the pieces that a socket takes and gives: no socket,
 * no command slots. Those of one turn of the event loop are written together and arrive together.
 */
@State(Scope.Thread)
public class PduBenchmark extends ShortBenchmark {

    private static final int SMALL = 4 * 1024;
    private static final int SMALL_COUNT = 32;
    private static final int LARGE = 128 * 1024;
    private static final int LARGE_COUNT = 4;
    private static final int FLUSH = 0;
    private static final int WRITE = 1;
    private static final int READ = 2;

    /** Whether headers and data have digests. */
    @Param({"false", "true"})
    public boolean digests;

    private EmbeddedChannel channel;
    private HostTcpQueuePair queuePair;
    private ByteBuf memory;
    private Capsule[] flushes;
    private Capsule[] smallWrites;
    private Capsule[] smallReads;
    private Capsule[] largeWrites;
    private Capsule[] largeReads;
    private ByteBuf responses;
    private ByteBuf smallData;
    private ByteBuf largeData;
    private ByteBuf r2ts;

    /** Without it the compiler would do without the object. */
    private Blackhole user;

    private boolean initialized;
    private int transmitted;
    private int responded;
    private long moved;

    /** For JMH. */
    public PduBenchmark() {}

    /**
     * Agrees on digests with a controller, and writes down what it will send.
     *
     * @param blackhole takes the responses
     */
    @Setup
    public void start(Blackhole blackhole) {
        user = blackhole;
        memory = ByteBufAllocator.DEFAULT.directBuffer(LARGE).writeZero(LARGE);
        flushes = capsules(FLUSH, SMALL_COUNT, CommandCapsule.Transfer.NONE, 0);
        smallWrites = capsules(WRITE, SMALL_COUNT, CommandCapsule.Transfer.SEND, SMALL);
        smallReads = capsules(READ, SMALL_COUNT, CommandCapsule.Transfer.RECEIVE, SMALL);
        largeWrites = capsules(WRITE, LARGE_COUNT, CommandCapsule.Transfer.SEND, LARGE);
        largeReads = capsules(READ, LARGE_COUNT, CommandCapsule.Transfer.RECEIVE, LARGE);
        ControllerBytes capsuleResps = new ControllerBytes(digests);
        ControllerBytes smallC2hData = new ControllerBytes(digests);
        ControllerBytes largeC2hData = new ControllerBytes(digests);
        ControllerBytes largeR2ts = new ControllerBytes(digests);
        for (int commandId = 0; commandId < SMALL_COUNT; commandId++) {
            capsuleResps.capsuleResp(commandId);
            smallC2hData.c2hData(commandId, SMALL);
        }
        for (int commandId = 0; commandId < LARGE_COUNT; commandId++) {
            largeC2hData.c2hData(commandId, LARGE);
            largeR2ts.r2t(commandId, LARGE);
        }
        responses = capsuleResps.bytes();
        smallData = smallC2hData.bytes();
        largeData = largeC2hData.bytes();
        r2ts = largeR2ts.bytes();

        channel = new EmbeddedChannel(new EndlessSocket());
        queuePair = new HostTcpQueuePair(
                channel,
                HostQueuePairParameters.ioQueue(
                                TransportAddress.of("127.0.0.1", 4420),
                                "nqn.2026-01.com.example:host",
                                "nqn.2026-01.com.example:disk",
                                1,
                                1)
                        .queueSize(SMALL_COUNT + 1)
                        .inCapsuleData(SMALL, 0)
                        .options(TransportOptions.none()
                                .with(TcpOptions.HEADER_DIGEST, digests)
                                .with(TcpOptions.DATA_DIGEST, digests))
                        .build(),
                () -> initialized = true);
        channel.pipeline().addLast(queuePair.connection());
        queuePair.connection().start(Duration.ofSeconds(10));
        ByteBuf icResp = ControllerBytes.icResp(digests, LARGE);
        receive(icResp);
        icResp.release();
        require(initialized ? 1 : 0, 1, "handshakes");
        queuePair.responses().subscribe(this::responded);
    }

    /** Ends the connection and frees the memory. */
    @TearDown
    public void stop() {
        channel.finishAndReleaseAll();
        for (ByteBuf buffer : new ByteBuf[] {memory, responses, smallData, largeData, r2ts}) {
            buffer.release();
        }
    }

    /** CapsuleCmd without data. */
    @Benchmark
    @OperationsPerInvocation(SMALL_COUNT)
    public void encodeCommand() {
        submit(flushes);
    }

    /** CapsuleCmd with 4 KiB in the capsule. */
    @Benchmark
    @OperationsPerInvocation(SMALL_COUNT)
    public void encodeWrite4KiB() {
        submit(smallWrites);
        requireMoved(SMALL * SMALL_COUNT);
    }

    /** CapsuleResp. */
    @Benchmark
    @OperationsPerInvocation(SMALL_COUNT)
    public void decodeResponse() {
        receive(responses);
        requireResponded(SMALL_COUNT);
    }

    /** CapsuleCmd out, C2HData with 4 KiB and the success in. */
    @Benchmark
    @OperationsPerInvocation(SMALL_COUNT)
    public void read4KiB() {
        submit(smallReads);
        receive(smallData);
        requireResponded(SMALL_COUNT);
        requireMoved(SMALL * SMALL_COUNT);
    }

    /** The same with 128 KiB. */
    @Benchmark
    @OperationsPerInvocation(LARGE_COUNT)
    public void read128KiB() {
        submit(largeReads);
        receive(largeData);
        requireResponded(LARGE_COUNT);
        requireMoved(LARGE * LARGE_COUNT);
    }

    /** CapsuleCmd out, R2T in, H2CData with 128 KiB out. */
    @Benchmark
    @OperationsPerInvocation(LARGE_COUNT)
    public void write128KiB() {
        submit(largeWrites);
        receive(r2ts);
        requireMoved(LARGE * LARGE_COUNT);
    }

    private void submit(Capsule[] capsules) {
        transmitted = 0;
        for (Capsule capsule : capsules) {
            queuePair.submit(capsule);
        }
        channel.runPendingTasks();
        require(transmitted, capsules.length, "capsules sent");
    }

    private void receive(ByteBuf bytes) {
        channel.pipeline().fireChannelRead(bytes.readerIndex(0).retain()).fireChannelReadComplete();
        channel.runPendingTasks();
    }

    private void responded(ResponseCapsule response) {
        user.consume(response);
        if (response.isSuccess()) {
            responded++;
        }
    }

    private void requireResponded(int expected) {
        require(responded, expected, "responses");
        responded = 0;
    }

    private void requireMoved(long expected) {
        require(moved, expected, "bytes moved");
        moved = 0;
    }

    /** A connection that has ended is fast. */
    private static void require(long actual, long expected, String what) {
        if (actual != expected) {
            throw new IllegalStateException(actual + " of " + expected + ' ' + what);
        }
    }

    private Capsule[] capsules(int opcode, int count, CommandCapsule.Transfer direction, int length) {
        Capsule[] capsules = new Capsule[count];
        for (int commandId = 0; commandId < count; commandId++) {
            capsules[commandId] = new Capsule(opcode, commandId);
            if (length > 0) {
                ByteBuf range = direction == CommandCapsule.Transfer.SEND
                        ? memory
                        : memory.duplicate().writerIndex(0);
                capsules[commandId].attachData(direction, range, length);
            }
        }
        return capsules;
    }

    /** Is sent again and again with the same memory, which stays the benchmark's. */
    private final class Capsule extends CommandCapsule {

        private final Command command;

        Capsule(int opcode, int commandId) {
            this.command = Command.opcode(opcode).nsid(1).build();
            commandId(commandId);
        }

        @Override
        public void encode(ByteBuf target, int index) {
            command.encode(target, index);
        }

        @Override
        public void transmitted() {
            transmitted++;
        }

        @Override
        public void transferComplete(long bytes, @Nullable TransferException error) {
            if (error == null) {
                moved += bytes;
            }
        }
    }
}
