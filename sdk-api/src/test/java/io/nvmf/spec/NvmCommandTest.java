package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NvmCommandTest {
    @Test
    @Covers("SLBA in two dwords, NLB 0's based, FUA")
    void writeCarriesLbaZeroBasedBlocksFlagsAndHints() {
        Bytes entry = Bytes.zeroes(64)
                .at(0, "01 40 00 00 01 00 00 00")
                .at(40, "88 77 66 55 44 33 22 11 07 00 00 C0 40 00 00 00");
        entry.assertEncodedBy((buffer, index) -> encode(
                buffer,
                index,
                NvmOpcode.WRITE,
                1,
                0x1122334455667788L,
                8,
                ReadWriteCommand.FUA | ReadWriteCommand.LIMITED_RETRY,
                ReadWriteCommand.DSM_SEQUENTIAL));
        ByteBuf buffer = entry.buffer();
        assertThat(ReadWriteCommand.slba(buffer, INDEX)).isEqualTo(0x1122334455667788L);
        assertThat(ReadWriteCommand.blocks(buffer, INDEX)).isEqualTo(8);
        assertThat(ReadWriteCommand.fua(buffer, INDEX)).isTrue();
    }

    @Test
    void largestReadHas65536Blocks() {
        Bytes entry = Bytes.zeroes(64).at(0, "02 40 00 00 FF FF FF 7F").at(40, "FF FF FF FF FF FF FF FF FF FF 00 00");
        entry.assertEncodedBy((buffer, index) -> encode(buffer, index, NvmOpcode.READ, 0x7FFFFFFF, -1, 65536, 0, 0));
        assertThat(ReadWriteCommand.blocks(entry.buffer(), INDEX)).isEqualTo(65536);
        assertThat(ReadWriteCommand.fua(entry.buffer(), INDEX)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65537, 0", "-1, 0", "1, 1", "1, 32768"})
    void blocksOutOfRangeAndFlagsInTheirPlaceAreRefused(int blocks, int flags) {
        ByteBuf buffer = Bytes.blank(64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode(buffer, INDEX, NvmOpcode.READ, 1, 0, blocks, flags, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1, true",
        "0, 2, 1, false",
        "1, 1, 1, false",
        "99, 1, 100, true",
        "99, 2, 100, false",
        "100, 1, 100, false",
        "-1, 1, 100, false",
        "-1, 2, 100, false",
        "9223372036854775807, 65536, 9223372036854775807, false",
        "-2, 1, -1, true",
        "-2, 2, -1, false",
        "0, 1, 0, false"
    })
    void rangeCheckIsUnsignedAndCannotWrap(long slba, int blocks, long nsze, boolean inside) {
        assertThat(ReadWriteCommand.inRange(slba, blocks, nsze)).isEqualTo(inside);
    }

    @Test
    @Covers("Of one namespace")
    void flushNamesItsNamespace() {
        Bytes.zeroes(64)
                .at(0, "00 40 00 00 FF FF FF FF")
                .assertEncodedBy((buffer, index) -> SubmissionQueueEntry.start(
                        buffer, index, NvmOpcode.FLUSH, SubmissionQueueEntry.BROADCAST_NSID));
    }

    @Test
    void abortNamesQueueAndCommand() {
        Bytes entry = Bytes.zeroes(64).at(0, "08 40").at(40, "02 00 FE FF");
        AbortCommand abort = new AbortCommand(2, 0xFFFE);
        entry.assertEncodedBy(abort::encode);
        assertThat(AbortCommand.decode(entry.buffer(), INDEX)).isEqualTo(abort);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AbortCommand(0, 0x10000).encode(entry.buffer(), INDEX));
    }

    @Test
    @Covers("Within ACL; bit 0 of the response says not aborted")
    void abortResponseBitSaysNotAborted() {
        assertThat(AbortCommand.aborted(0)).isTrue();
        assertThat(AbortCommand.aborted(1)).isFalse();
        assertThat(AbortCommand.aborted(0xFFFFFFFE)).isTrue();
        assertThat(AbortCommand.response(true)).isZero();
        assertThat(AbortCommand.response(false)).isEqualTo(1);
    }

    @Test
    void randomReadsRoundTrip() {
        Random random = new Random(13);
        ByteBuf buffer = Bytes.blank(64);
        for (int i = 0; i < 1000; i++) {
            long slba = random.nextLong();
            int blocks = 1 + random.nextInt(65536);
            boolean fua = random.nextBoolean();
            encode(buffer, INDEX, NvmOpcode.READ, 1, slba, blocks, fua ? ReadWriteCommand.FUA : 0, 0);
            assertThat(ReadWriteCommand.slba(buffer, INDEX)).isEqualTo(slba);
            assertThat(ReadWriteCommand.blocks(buffer, INDEX)).isEqualTo(blocks);
            assertThat(ReadWriteCommand.fua(buffer, INDEX)).isEqualTo(fua);
        }
    }

    private static void encode(
            ByteBuf buffer, int index, int opcode, int nsid, long slba, int blocks, int flags, int hints) {
        SubmissionQueueEntry.start(buffer, index, opcode, nsid);
        new SubmissionQueueEntry()
                .wrap(buffer, index)
                .cdw10(ReadWriteCommand.cdw10(slba))
                .cdw11(ReadWriteCommand.cdw11(slba))
                .cdw12(ReadWriteCommand.cdw12(blocks, flags))
                .cdw13(hints);
    }
}
