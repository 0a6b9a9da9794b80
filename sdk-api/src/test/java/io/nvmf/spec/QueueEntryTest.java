package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueEntryTest {
    private static final Bytes EVERY_FIELD = Bytes.zeroes(64)
            .at(0, "02 81 FE FF")
            .at(4, "78 56 34 12")
            .at(8, "02 00 00 A2")
            .at(12, "03 00 00 A3")
            .at(16, "11 22 33 44 55 66 77 88")
            .at(40, "10 00 00 B0")
            .at(44, "11 00 00 B1")
            .at(48, "12 00 00 B2")
            .at(52, "13 00 00 B3")
            .at(56, "14 00 00 B4")
            .at(60, "15 00 00 B5");

    @Test
    @Covers("64 bytes, every field at its place")
    void submissionQueueEntryIsReadFieldByField() {
        SubmissionQueueEntry sqe = new SubmissionQueueEntry().wrap(EVERY_FIELD.buffer(), INDEX);
        assertThat(sqe.opcode()).isEqualTo(0x02);
        assertThat(sqe.fuse()).isEqualTo(1);
        assertThat(sqe.psdt()).isEqualTo(2);
        assertThat(sqe.commandId()).isEqualTo(0xFFFE);
        assertThat(sqe.nsid()).isEqualTo(0x12345678);
        assertThat(sqe.fabricsCommandType()).isEqualTo(0x78);
        assertThat(sqe.cdw2()).isEqualTo(0xA2000002);
        assertThat(sqe.cdw3()).isEqualTo(0xA3000003);
        assertThat(sqe.mptr()).isEqualTo(0x8877665544332211L);
        assertThat(sqe.cdw10()).isEqualTo(0xB0000010);
        assertThat(sqe.cdw11()).isEqualTo(0xB1000011);
        assertThat(sqe.slba()).isEqualTo(0xB1000011B0000010L);
        assertThat(sqe.cdw12()).isEqualTo(0xB2000012);
        assertThat(sqe.cdw13()).isEqualTo(0xB3000013);
        assertThat(sqe.cdw14()).isEqualTo(0xB4000014);
        assertThat(sqe.cdw15()).isEqualTo(0xB5000015);
        assertThat(sqe.sglAt()).isEqualTo(INDEX + 24);
    }

    @Test
    @Covers("64 bytes, every field at its place")
    void submissionQueueEntryIsWrittenFieldByField() {
        EVERY_FIELD.assertEncodedBy((buffer, index) -> new SubmissionQueueEntry()
                .wrap(buffer, index)
                .clear()
                .opcode(2)
                .fuse(SubmissionQueueEntry.FUSE_FIRST)
                .psdt(2)
                .commandId(0xFFFE)
                .nsid(0x12345678)
                .cdw2(0xA2000002)
                .cdw3(0xA3000003)
                .mptr(0x8877665544332211L)
                .slba(0xB1000011B0000010L)
                .cdw12(0xB2000012)
                .cdw13(0xB3000013)
                .cdw14(0xB4000014)
                .cdw15(0xB5000015));
    }

    @Test
    void startOfCommandLeavesIdAndDataPointerToTheQueue() {
        Bytes.zeroes(64)
                .at(0, "06 40 00 00 FF FF FF FF")
                .assertEncodedBy((buffer, index) -> SubmissionQueueEntry.start(buffer, index, 0x06, -1));
    }

    @Test
    void singleFieldsAreWrittenWithoutDisturbingOthers() {
        Bytes.zeroes(64)
                .at(0, "7F 40 34 12 05")
                .at(40, "04 03 02 01 08 07 06 05")
                .assertEncodedBy((buffer, index) -> {
                    SubmissionQueueEntry sqe =
                            new SubmissionQueueEntry().wrap(buffer, index).clear();
                    sqe.opcode(0x7F).fabricsCommandType(FabricsCommandType.AUTHENTICATION_SEND);
                    sqe.cdw10(0x01020304).cdw11(0x05060708);
                    SubmissionQueueEntry.commandId(buffer, index, 0x1234);
                    assertThat(sqe.buffer()).isSameAs(buffer);
                    assertThat(sqe.index()).isEqualTo(index);
                });
    }

    @Test
    void fuseAndPsdtShareAByteWithoutDisturbingEachOther() {
        ByteBuf buffer = Bytes.blank(64);
        SubmissionQueueEntry sqe = new SubmissionQueueEntry().wrap(buffer, INDEX);
        sqe.psdt(1).fuse(2);
        assertThat(Bytes.digits(buffer, 1, 1)).isEqualTo("42");
        sqe.psdt(2);
        assertThat(Bytes.digits(buffer, 1, 1)).isEqualTo("82");
        sqe.fuse(0);
        assertThat(Bytes.digits(buffer, 1, 1)).isEqualTo("80");
    }

    @Test
    void entriesDoNotReachBeyondTheirBuffer() {
        assertThatThrownBy(() -> new SubmissionQueueEntry().wrap(Bytes.blank(63), INDEX))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new CompletionQueueEntry().wrap(Bytes.blank(15), INDEX))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new CompletionQueueEntry().wrap(Bytes.blank(15), -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static final Bytes COMPLETION = Bytes.zeroes(16).at(0, "04 03 02 81 08 07 06 85 34 12 00 00 FF FF 05 C0");

    @Test
    @Covers("16 bytes; the phase bit is of no meaning")
    void completionQueueEntryIsRead() {
        CompletionQueueEntry cqe = new CompletionQueueEntry().wrap(COMPLETION.buffer(), INDEX);
        assertThat(cqe.dw0()).isEqualTo(0x81020304);
        assertThat(cqe.dw1()).isEqualTo(0x85060708);
        assertThat(cqe.sqHead()).isEqualTo(0x1234);
        assertThat(cqe.sqid()).isZero();
        assertThat(cqe.commandId()).isEqualTo(0xFFFF);
        assertThat(cqe.status()).isEqualTo(0xC005);
    }

    @Test
    void completionQueueEntryIsWrittenWholeOrFieldByField() {
        COMPLETION.assertEncodedBy((buffer, index) ->
                CompletionQueueEntry.encode(buffer, index, 0x81020304, 0x85060708, 0x1234, 0xFFFF, 0xC005));
        Bytes.zeroes(16)
                .at(0, "01 00 00 00 02 00 00 00 03 00 04 00 05 00 06 00")
                .assertEncodedBy((buffer, index) -> new CompletionQueueEntry()
                        .wrap(buffer, index)
                        .dw0(1)
                        .dw1(2)
                        .sqHead(3)
                        .sqid(4)
                        .commandId(5)
                        .status(6));
    }

    @Test
    @Covers("Data block with offset for in-capsule data, transport data block otherwise, length 0 without data")
    void inCapsuleDataUsesDataBlockWithOffset() {
        Bytes descriptor = Bytes.zeroes(16).at(8, "00 10 00 00 00 00 00 01");
        descriptor.assertEncodedBy((buffer, index) -> SglDescriptor.dataBlockOffset(buffer, index, 4096));
        ByteBuf buffer = descriptor.buffer();
        assertThat(SglDescriptor.identifier(buffer, INDEX)).isEqualTo(SglDescriptor.DATA_BLOCK_OFFSET);
        assertThat(SglDescriptor.type(buffer, INDEX)).isEqualTo(SglDescriptor.TYPE_DATA_BLOCK);
        assertThat(SglDescriptor.subtype(buffer, INDEX)).isEqualTo(SglDescriptor.SUBTYPE_OFFSET);
        assertThat(SglDescriptor.length(buffer, INDEX)).isEqualTo(4096);
        assertThat(SglDescriptor.address(buffer, INDEX)).isZero();
    }

    @Test
    @Covers("Data block with offset for in-capsule data, transport data block otherwise, length 0 without data")
    void transportDataBlockHasNoAddressAndAnUnsignedLength() {
        Bytes descriptor = Bytes.zeroes(16).at(8, "FF FF FF FF 00 00 00 5A");
        descriptor.assertEncodedBy((buffer, index) -> SglDescriptor.transportDataBlock(buffer, index, 0xFFFFFFFFL));
        ByteBuf buffer = descriptor.buffer();
        assertThat(SglDescriptor.length(buffer, INDEX)).isEqualTo(4294967295L);
        assertThat(SglDescriptor.type(buffer, INDEX)).isEqualTo(5);
        assertThat(SglDescriptor.subtype(buffer, INDEX)).isEqualTo(0xA);
    }

    @Test
    void keyedDataBlockHasA24BitLengthAndAKey() {
        Bytes descriptor = Bytes.zeroes(16).at(0, "08 07 06 05 04 03 02 01 FF FE FD D4 C3 B2 A1 4F");
        descriptor.assertEncodedBy((buffer, index) ->
                SglDescriptor.keyedDataBlock(buffer, index, 0x0102030405060708L, 0xFDFEFF, 0xA1B2C3D4, true));
        ByteBuf buffer = descriptor.buffer();
        assertThat(SglDescriptor.address(buffer, INDEX)).isEqualTo(0x0102030405060708L);
        assertThat(SglDescriptor.length(buffer, INDEX)).isEqualTo(0xFDFEFF);
        assertThat(SglDescriptor.key(buffer, INDEX)).isEqualTo(0xA1B2C3D4);
        assertThat(SglDescriptor.subtype(buffer, INDEX)).isEqualTo(SglDescriptor.SUBTYPE_INVALIDATE_KEY);
        Bytes.zeroes(16)
                .at(15, "40")
                .assertEncodedBy((target, index) -> SglDescriptor.keyedDataBlock(target, index, 0, 0, 0, false));
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        ByteBuf buffer = Bytes.blank(16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SglDescriptor.transportDataBlock(buffer, INDEX, 1L << 32))
                .withMessageContaining("4294967296");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SglDescriptor.keyedDataBlock(buffer, INDEX, 0, 1 << 24, 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> SglDescriptor.dataBlockOffset(buffer, INDEX, -1));
    }

    @ParameterizedTest
    @CsvSource({
        "00, 00, NONE",
        "01, 00, HOST_TO_CONTROLLER",
        "02, 00, CONTROLLER_TO_HOST",
        "06, 00, CONTROLLER_TO_HOST",
        "0C, 00, NONE",
        "18, 00, NONE",
        "81, 00, HOST_TO_CONTROLLER",
        "83, 00, BIDIRECTIONAL",
        "7F, 00, NONE",
        "7F, 01, HOST_TO_CONTROLLER",
        "7F, 04, NONE",
        "7F, 05, HOST_TO_CONTROLLER",
        "7F, 06, CONTROLLER_TO_HOST",
        "7F, 08, NONE"
    })
    void dataDirectionFollowsOpcodeOrFabricsCommandType(String opcode, String type, DataDirection direction) {
        ByteBuf buffer = Bytes.zeroes(64).at(0, opcode).at(4, type).buffer();
        assertThat(DataDirection.of(buffer, INDEX)).isEqualTo(direction);
    }

    @Test
    void randomEntriesRoundTrip() {
        Random random = new Random(20261122);
        ByteBuf buffer = Bytes.blank(64);
        for (int i = 0; i < 1000; i++) {
            int dw0 = random.nextInt();
            int dw1 = random.nextInt();
            int sqHead = random.nextInt(0x10000);
            int cid = random.nextInt(0x10000);
            int status = random.nextInt(0x10000);
            CompletionQueueEntry.encode(buffer, INDEX, dw0, dw1, sqHead, cid, status);
            assertThat(CompletionQueueEntry.dw0(buffer, INDEX)).isEqualTo(dw0);
            assertThat(CompletionQueueEntry.dw1(buffer, INDEX)).isEqualTo(dw1);
            assertThat(CompletionQueueEntry.sqHead(buffer, INDEX)).isEqualTo(sqHead);
            assertThat(CompletionQueueEntry.commandId(buffer, INDEX)).isEqualTo(cid);
            assertThat(CompletionQueueEntry.status(buffer, INDEX)).isEqualTo(status);
            assertThat(Status.of(status).raw()).isEqualTo(status & 0xFFFE);
        }
    }
}
