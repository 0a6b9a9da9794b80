package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams of PDUs that were right until something happened to them: a byte, a field, a digest, an end that comes too
 * early, a PDU twice, elsewhere or not at all. Whatever comes, a queue pair goes on or ends with a reason of the
 * protocol, completes every transfer once, neither writes nor sends memory that is not the transfer's, and keeps
 * nothing. Seeded: every run tries the same.
 */
class PduStreamFuzzTest {

    private static final int ROUNDS = 3_500;
    private static final int GUARD = 64;
    private static final long[] EDGES = {
        0,
        1,
        3,
        4,
        7,
        8,
        23,
        24,
        25,
        71,
        72,
        127,
        128,
        4095,
        4096,
        4097,
        0x7FFF,
        0xFFFE,
        0xFFFF,
        0x7FFFFFFFL,
        0x80000000L,
        0xFFFFFFFCL,
        0xFFFFFFFFL
    };

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    private long memory;

    /** The leak detector would take most of the time; here memory is counted, exactly. */
    @BeforeEach
    void countMemory() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        memory = memory();
    }

    @AfterEach
    void nothingIsKept() {
        ResourceLeakDetector.setLevel(level);
        assertThat(memory()).isEqualTo(memory);
    }

    private static long memory() {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    static Stream<Agreed> agreements() {
        return Stream.of(
                new Agreed(false, false, 4, 4, 3, 4096),
                new Agreed(true, true, 4, 4, 3, 4096),
                new Agreed(true, true, 20, 12, 3, 4096));
    }

    // ---- what happens to a stream

    private static List<byte[]> damaged(List<byte[]> pdus, Random random) {
        List<byte[]> stream = new ArrayList<>(pdus);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(stream.size());
            byte[] pdu = stream.get(at).clone();
            if (pdu.length == 0) {
                continue;
            }
            stream.set(at, pdu);
            int header = Math.min(pdu.length, 24);
            switch (random.nextInt(10)) {
                case 0 -> pdu[random.nextInt(pdu.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> pdu[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
                case 2 -> pdu[random.nextInt(Math.min(pdu.length, 8))] = (byte) random.nextInt();
                case 3 -> put(pdu, 4, 4, EDGES[random.nextInt(EDGES.length)]);
                case 4 -> put(pdu, 8 + 4 * random.nextInt(3), 4, EDGES[random.nextInt(EDGES.length)]);
                case 5 -> put(pdu, 8 + 2 * random.nextInt(2), 2, random.nextInt(6));
                case 6 -> stream.set(at, Arrays.copyOf(pdu, random.nextInt(pdu.length)));
                case 7 -> stream.add(random.nextInt(stream.size() + 1), pdu);
                case 8 -> stream.add(random.nextInt(stream.size()), stream.remove(at));
                default -> {
                    byte[] noise = new byte[1 + random.nextInt(40)];
                    random.nextBytes(noise);
                    stream.add(at, noise);
                }
            }
        }
        return stream;
    }

    private static void put(byte[] pdu, int offset, int bytes, long value) {
        for (int i = 0; i < bytes && offset + i < pdu.length; i++) {
            pdu[offset + i] = (byte) (value >> 8 * i);
        }
    }

    /** Delivers in pieces of any size, also in the middle of PDUs. */
    private static void deliver(EmbeddedPair pair, List<byte[]> stream, Random random) {
        Fragmentation cut = random.nextInt(16) == 0 ? Fragmentation.RANDOM : Fragmentation.MESSAGES;
        for (byte[] piece : cut.cut(stream)) {
            if (!pair.channel.isOpen()) {
                return;
            }
            if (piece.length > 0) {
                pair.channel.writeInbound(Unpooled.wrappedBuffer(piece));
            }
        }
        pair.channel.runPendingTasks();
    }

    private static void assertProtocolsEnd(EmbeddedPair pair, long seed) {
        Termination early = pair.end();
        if (early != null) {
            assertThat(early)
                    .describedAs("seed %d", seed)
                    .isInstanceOfAny(Termination.ProtocolError.class, Termination.Closed.class);
        }
        pair.channel.disconnect();
        assertThat(pair.end()).describedAs("seed %d", seed).isNotNull();
        assertThat(pair.channel.isOpen()).isFalse();
    }

    // ---- the host's role

    /** Three commands with data between guards, and one without. */
    private static final class HostRun implements AutoCloseable {

        final EmbeddedHost host;
        final List<Capsule> capsules = new ArrayList<>();
        final List<ByteBuf> memory = new ArrayList<>();

        HostRun(Agreed agreed) {
            host = new EmbeddedHost(agreed, Fragmentation.MESSAGES);
            add(0x02, 1, CommandCapsule.Transfer.RECEIVE, 100);
            add(0x02, 2, CommandCapsule.Transfer.RECEIVE, 9000);
            add(0x01, 3, CommandCapsule.Transfer.SEND, 10_000);
            Capsule flush = new Capsule(0x00, 4);
            host.queuePair.submit(flush);
            host.channel.runPendingTasks();
            host.sent();
        }

        private void add(int opcode, int commandId, CommandCapsule.Transfer direction, int length) {
            byte[] content = new byte[length + 2 * GUARD];
            Arrays.fill(content, (byte) 0xEE);
            if (direction == CommandCapsule.Transfer.SEND) {
                System.arraycopy(EmbeddedPair.pattern(length), 0, content, GUARD, length);
            }
            ByteBuf buffer = Unpooled.wrappedBuffer(content);
            memory.add(buffer.retainedDuplicate());
            Capsule capsule = new Capsule(opcode, commandId);
            buffer.readerIndex(direction == CommandCapsule.Transfer.SEND ? GUARD : 0);
            if (direction == CommandCapsule.Transfer.RECEIVE) {
                buffer.writerIndex(GUARD);
            }
            capsule.attachData(direction, buffer, length);
            capsules.add(capsule);
            host.queuePair.submit(capsule);
        }

        List<byte[]> answers() {
            byte[] data = EmbeddedPair.pattern(9000);
            return Stream.of(
                            TestPdu.c2hData(1, 0, EmbeddedPair.pattern(100), TestPdu.LAST),
                            TestPdu.r2t(3, 1, 0, 5000),
                            TestPdu.capsuleResp(1, 0),
                            TestPdu.c2hData(2, 0, Arrays.copyOf(data, 4096), 0),
                            TestPdu.r2t(3, 2, 5000, 5000),
                            TestPdu.c2hData(
                                    2, 4096, Arrays.copyOfRange(data, 4096, 9000), TestPdu.LAST | TestPdu.SUCCESS),
                            TestPdu.capsuleResp(4, 0),
                            TestPdu.capsuleResp(3, 0))
                    .map(pdu -> host.agreed.toHost(pdu).bytes())
                    .toList();
        }

        void assertNothingElseIsTouchedOrSent(byte[] sent, long seed) {
            byte[] guard = new byte[GUARD];
            Arrays.fill(guard, (byte) 0xEE);
            for (ByteBuf buffer : memory) {
                byte[] all = new byte[buffer.capacity()];
                buffer.getBytes(0, all);
                assertThat(Arrays.copyOf(all, GUARD))
                        .describedAs("seed %d", seed)
                        .isEqualTo(guard);
                assertThat(Arrays.copyOfRange(all, all.length - GUARD, all.length))
                        .describedAs("seed %d", seed)
                        .isEqualTo(guard);
            }
            byte[] data = EmbeddedPair.pattern(10_000);
            for (int at = 0; at < sent.length; at += (int) field(sent, at + 4, 4)) {
                if (sent[at] == 0x06) {
                    int from = (int) field(sent, at + 12, 4);
                    int length = (int) field(sent, at + 16, 4);
                    int place = at + (sent[at + 3] & 0xFF);
                    assertThat(Arrays.equals(sent, place, place + length, data, from, from + length))
                            .describedAs("seed %d", seed)
                            .isTrue();
                }
            }
        }

        private static long field(byte[] bytes, int at, int length) {
            long value = 0;
            for (int i = length - 1; i >= 0; i--) {
                value = value << 8 | bytes[at + i] & 0xFF;
            }
            return value;
        }

        @Override
        public void close() {
            memory.forEach(buffer -> assertThat(buffer.refCnt()).isOne());
            memory.forEach(ByteBuf::release);
            host.close();
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void aHostSurvivesDamagedStreams(Agreed agreed) {
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            try (HostRun run = new HostRun(agreed)) {
                deliver(run.host, damaged(run.answers(), random), random);

                assertProtocolsEnd(run.host, seed);
                run.assertNothingElseIsTouchedOrSent(run.host.sent(), seed);
                for (Capsule capsule : run.capsules) {
                    assertThat(capsule.events)
                            .describedAs("seed %d", seed)
                            .containsExactly("transmitted", "transferComplete");
                }
            }
        }
    }

    @Test
    void theStreamIsRightBeforeItIsDamaged() {
        for (Agreed agreed : agreements().toList()) {
            try (HostRun run = new HostRun(agreed)) {
                deliver(run.host, run.answers(), new Random(1));
                assertThat(run.host.end()).isNull();
                assertThat(run.host.responses).hasSize(4);
                assertThat(run.capsules).allMatch(capsule -> capsule.error == null);
                run.host.sent();
            }
            try (ControllerRun run = new ControllerRun(agreed)) {
                deliver(run.controller, run.commands(), new Random(1));
                assertThat(run.controller.end()).isNull();
                assertThat(run.arrived).containsExactlyInAnyOrder(100, 5000, 4000, 3000);
                assertThat(run.failed).isZero();
                run.controller.sent();
            }
        }
    }

    // ---- the controller's role

    /** Fetches the data of each write in parts. */
    private static final class ControllerRun implements AutoCloseable {

        final EmbeddedController controller;
        final List<Integer> arrived = new ArrayList<>();
        int asked;
        int failed;

        ControllerRun(Agreed agreed) {
            controller = new EmbeddedController(agreed, Fragmentation.MESSAGES, false);
            controller.start();
            controller.deliver(agreed.icReq());
            controller.queuePair.commands().subscribe(this::serve);
            controller.sent();
        }

        private void serve(ReceivedCommand command) {
            if (command.validate().isSuccess() && command.entry().opcode() == 0x01) {
                long length = Math.min(command.dataLength(), 20_000);
                for (long at = 0; at < length; at += 5000) {
                    asked++;
                    command.receive(at, (int) Math.min(5000, length - at))
                            .subscribe(
                                    bytes -> {
                                        arrived.add(bytes.readableBytes());
                                        bytes.release();
                                    },
                                    failure -> failed++);
                }
            }
            command.release();
        }

        List<byte[]> commands() {
            byte[] data = EmbeddedPair.pattern(9000);
            return Stream.of(
                            TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(EmbeddedPair.pattern(100)),
                            TestPdu.capsuleCmd(0x01, 2, 9000),
                            TestPdu.h2cData(2, 1, 0, Arrays.copyOf(data, 4096), 0),
                            TestPdu.capsuleCmd(0x02, 3, 4096),
                            TestPdu.h2cData(2, 2, 5000, Arrays.copyOfRange(data, 5000, 9000), TestPdu.LAST),
                            TestPdu.capsuleCmd(0x01, 4, 3000),
                            TestPdu.h2cData(2, 1, 4096, Arrays.copyOfRange(data, 4096, 5000), TestPdu.LAST),
                            TestPdu.h2cData(4, 2, 0, EmbeddedPair.pattern(3000), TestPdu.LAST))
                    .map(pdu -> controller.agreed.toController(pdu).bytes())
                    .toList();
        }

        @Override
        public void close() {
            controller.close();
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void aControllerSurvivesDamagedStreams(Agreed agreed) {
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            try (ControllerRun run = new ControllerRun(agreed)) {
                deliver(run.controller, damaged(run.commands(), random), random);

                assertProtocolsEnd(run.controller, seed);
                assertThat(run.arrived.size() + run.failed)
                        .describedAs("seed %d", seed)
                        .isEqualTo(run.asked);
                run.controller.sent();
            }
        }
    }
}
