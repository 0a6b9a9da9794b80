package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.BLOCKS;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

class IoCommandTest {

    private static final int MAX_TRANSFER = 1 << 20;

    private final BlockStore memory = BlockStore.memory((long) BLOCKS * BLOCK, BLOCK);
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS
                    .ioQueues(4)
                    .queueSize(64)
                    .inCapsuleData(8192)
                    .maxTransfer(MAX_TRANSFER)
                    .controllers(4),
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM).namespace(1, memory).namespace(3, BlockStore.memory(1 << 20, 4096)));
    private final TargetFixture.Admin admin = target.admin();
    private final RawQueue io = target.io(admin.controllerId(), 1, 0);

    @AfterEach
    void close() {
        target.close();
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    private static byte[] read(RawQueue queue, long slba, int count) {
        RawCommand read = RawCommand.read(slba, count, count * BLOCK);
        queue.succeed(read);
        return read.received();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 17, 255, 256, 257, 512, 1000, 2048})
    void whatWasWrittenIsRead(int count) {
        byte[] data = random(count * BLOCK);

        io.succeed(RawCommand.write(3, count, data));

        assertThat(read(io, 3, count)).isEqualTo(data);
        assertThat(read(io, 0, 3)).containsOnly(0);
        assertThat(read(io, 3 + count, 1)).containsOnly(0);
        assertThat(read(target.io(admin.controllerId(), 2, 0), 3, count)).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 256, 1000})
    void successTravelsWithTheDataWhenFlowControlIsOff(int count) {
        RawQueue queue = target.io(admin.controllerId(), 2, ConnectCommand.DISABLE_SQ_FLOW_CONTROL);
        byte[] data = random(count * BLOCK);

        assertThat(queue.succeed(RawCommand.write(0, count, data)).sqHeadValid())
                .isTrue();
        RawCommand read = RawCommand.read(0, count, count * BLOCK);
        ResponseCapsule response = queue.succeed(read);

        assertThat(response.sqHeadValid()).isFalse();
        assertThat(read.received()).isEqualTo(data);
        assertThat(queue.silent()).isTrue();
        // The identifier is free again although no response capsule was sent.
        queue.succeed(RawCommand.read(0, 1, BLOCK).id(response.commandId()));
    }

    @ParameterizedTest
    @CsvSource({
        "4095, 1, true",
        "4095, 2, false",
        "4096, 1, false",
        "-1, 1, false",
        "-1, 2, false",
        "-8, 16, false",
        "9223372036854775807, 1, false",
        "0, 2048, true",
        "2048, 2048, true",
        "2049, 2048, false"
    })
    @Covers("A range beyond NSZE fails: before it is sent at the host, 0/80h at the controller")
    void rangeMustBeWithinTheNamespace(long slba, int count, boolean within) {
        int length = count * BLOCK;
        if (within) {
            io.succeed(RawCommand.write(slba, count, new byte[length]));
            io.succeed(RawCommand.read(slba, count, length));
            io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, slba, count, 0));
        } else {
            io.refuse(RawCommand.write(slba, count, new byte[length]), StatusCode.LBA_OUT_OF_RANGE, true);
            io.refuse(RawCommand.read(slba, count, length), StatusCode.LBA_OUT_OF_RANGE, true);
            io.refuse(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, slba, count, 0), StatusCode.LBA_OUT_OF_RANGE, true);
        }
    }

    @Test
    @Covers("The data length fits the number of blocks")
    void dataLengthMustFitTheBlocks() {
        io.refuse(RawCommand.read(0, 2, BLOCK), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        io.refuse(RawCommand.read(0, 1, 2 * BLOCK), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        io.refuse(RawCommand.write(0, 2, new byte[BLOCK]), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        io.refuse(
                RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 1, 0).receiving(BLOCK),
                StatusCode.DATA_SGL_LENGTH_INVALID,
                true);
    }

    @Test
    @Covers({"Not larger than MDTS", "Blocks read as zeros afterwards; MDTS does not apply"})
    void transferMustNotExceedTheLimitButWriteZeroesMay() {
        int most = MAX_TRANSFER / BLOCK;

        io.succeed(RawCommand.read(0, most, MAX_TRANSFER));
        io.refuse(RawCommand.read(0, most + 1, MAX_TRANSFER + BLOCK), StatusCode.INVALID_FIELD, true);
        io.refuse(RawCommand.write(0, most + 1, new byte[MAX_TRANSFER + BLOCK]), StatusCode.INVALID_FIELD, true);
        io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, most + 1, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, -1, -2})
    void namespaceMustBeThere(int nsid) {
        io.refuse(
                RawCommand.blocks(NvmOpcode.READ, nsid, 0, 1, 0).receiving(BLOCK),
                StatusCode.INVALID_NAMESPACE_OR_FORMAT,
                true);
        io.refuse(
                RawCommand.blocks(NvmOpcode.WRITE, nsid, 0, 1, 0).sending(new byte[BLOCK]),
                StatusCode.INVALID_NAMESPACE_OR_FORMAT,
                true);
        io.refuse(
                RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, nsid).sending(new byte[16]),
                StatusCode.INVALID_NAMESPACE_OR_FORMAT,
                true);
        if (nsid == SubmissionQueueEntry.BROADCAST_NSID) {
            io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, nsid));
        } else {
            io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, nsid), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        }
    }

    @Test
    @Covers("Unknown ones are 0/01h")
    void unknownOpcodesAndFusedCommandsAreRefused() {
        for (int opcode : new int[] {NvmOpcode.COMPARE, NvmOpcode.VERIFY, NvmOpcode.COPY, 0x0D, 0x79, 0xFF}) {
            io.refuse(RawCommand.opcode(opcode, 1), StatusCode.INVALID_COMMAND_OPCODE, true);
        }
        io.refuse(RawCommand.read(0, 1, BLOCK).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers("Blocks read as zeros afterwards; MDTS does not apply")
    void writeZeroesErasesNothingElse() {
        io.succeed(RawCommand.write(0, 1000, random(1000 * BLOCK)));

        io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 10, 600, ReadWriteCommand.FUA));

        byte[] expected = random(1000 * BLOCK);
        Arrays.fill(expected, 10 * BLOCK, 610 * BLOCK, (byte) 0);
        assertThat(read(io, 0, 1000)).isEqualTo(expected);
    }

    @Test
    @Covers("Ranges are checked; deallocated blocks of a store in memory read as zeros")
    void deallocatedRangesReadAsZeros() {
        io.succeed(RawCommand.write(0, 1000, random(1000 * BLOCK)));
        // As Linux does: a list of the greatest length, whatever the number of ranges.
        ByteBuffer list = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(0)
                .putInt(300)
                .putLong(5)
                .putInt(0)
                .putInt(1)
                .putLong(900)
                .putInt(0)
                .putInt(9999);

        io.succeed(RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                .with(entry -> entry.cdw10(1).cdw11(4))
                .sending(list.array()));

        byte[] expected = random(1000 * BLOCK);
        Arrays.fill(expected, 5 * BLOCK, 305 * BLOCK, (byte) 0);
        Arrays.fill(expected, 900 * BLOCK, 901 * BLOCK, (byte) 0);
        assertThat(read(io, 0, 1000)).isEqualTo(expected);
    }

    @Test
    @Covers("Ranges are checked; deallocated blocks of a store in memory read as zeros")
    void datasetManagementChecksItsRanges() {
        ByteBuffer list = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(0).putInt(2).putLong(BLOCKS - 1);
        RawCommand beyond = RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                .with(entry -> entry.cdw11(4))
                .sending(list.array());
        io.refuse(beyond, StatusCode.LBA_OUT_OF_RANGE, true);
        list.clear().putInt(0).putInt(1).putLong(-1);
        io.refuse(
                RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                        .with(entry -> entry.cdw11(4))
                        .sending(list.array()),
                StatusCode.LBA_OUT_OF_RANGE,
                true);
        io.refuse(
                RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                        .with(entry -> entry.cdw10(1))
                        .sending(new byte[16]),
                StatusCode.DATA_SGL_LENGTH_INVALID,
                true);
        io.refuse(
                RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1).sending(new byte[4112]),
                StatusCode.DATA_SGL_LENGTH_INVALID,
                true);
    }

    @Test
    void hintsWithoutDeallocationChangeNothing() {
        byte[] data = random(BLOCK);
        io.succeed(RawCommand.write(0, 1, data));
        ByteBuffer list = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(0).putInt(1).putLong(0);

        io.succeed(RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                .with(entry -> entry.cdw11(1))
                .sending(list.array()));

        assertThat(read(io, 0, 1)).isEqualTo(data);
    }

    @Test
    void headOfTheQueueAdvancesWithEachResponse() {
        int before = io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1)).sqHead();

        assertThat(io.succeed(RawCommand.read(0, 1, BLOCK)).sqHead()).isEqualTo((before + 1) % 16);
        assertThat(io.run(RawCommand.opcode(0xFF, 1)).sqHead()).isEqualTo((before + 2) % 16);
    }

    @Test
    void manyCommandsInARowDoNotRunOutOfDemand() {
        for (int i = 0; i < 200; i++) {
            assertThat(io.run(RawCommand.read(i, 1, BLOCK)).status()).isEqualTo(Status.SUCCESS);
        }
        for (int i = 0; i < 200; i++) {
            admin.queue().succeed(RawCommand.getFeature(FeatureId.KEEP_ALIVE_TIMER));
        }
    }

    @Test
    void memoryOfTransfersIsGivenBack() {
        int count = MAX_TRANSFER / BLOCK;
        for (int moved = 0; moved <= TargetOptions.DEFAULT_QUEUE_MEMORY; moved += MAX_TRANSFER) {
            io.succeed(RawCommand.write(0, count, new byte[MAX_TRANSFER]));
            io.succeed(RawCommand.read(0, count, MAX_TRANSFER));
        }
    }
}
