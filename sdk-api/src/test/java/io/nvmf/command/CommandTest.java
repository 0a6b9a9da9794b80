package io.nvmf.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.DatasetManagementCommand;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.transport.CommandCapsule.Transfer;
import org.junit.jupiter.api.Test;

class CommandTest {

    /** Opcode and NSID, then CDW10 to CDW15; everything between is zero. */
    private static void isEncoded(Command command, String start, String dwords) {
        ByteBuf entry = Unpooled.buffer(64).writeBytes(new byte[64]).setByte(63, 0xFF);
        command.encode(entry, 0);
        assertThat(ByteBufUtil.hexDump(entry, 0, 8)).isEqualTo(start.replace(" ", ""));
        assertThat(ByteBufUtil.hexDump(entry, 8, 32)).matches("0+");
        assertThat(ByteBufUtil.hexDump(entry, 40, 24)).isEqualTo(dwords.replace(" ", ""));
    }

    @Test
    void aRangeIsTheFirstBlockInTwoDwordsAndAZeroBasedNumber() {
        isEncoded(
                Command.nvm(NvmOpcode.WRITE_ZEROES, 7)
                        .range(0x1122334455667788L, 16)
                        .build(),
                "08 00 00 00 07 00 00 00",
                "88776655 44332211 0f000000 00000000 00000000 00000000");
    }

    @Test
    void flagsStandBesideTheNumberOfBlocks() {
        isEncoded(
                Command.nvm(NvmOpcode.WRITE_ZEROES, -2)
                        .range(1, 65_536, ReadWriteCommand.DEALLOCATE | ReadWriteCommand.FUA)
                        .build(),
                "08 00 00 00 fe ff ff ff",
                "01000000 00000000 ffff0042 00000000 00000000 00000000");
    }

    @Test
    void readsAndWritesAreWhatTheBuilderMakes() {
        ByteBuf data = Unpooled.buffer(16 * 512).writeZero(16 * 512);
        ByteBuf destination = Unpooled.buffer(16 * 512);
        isEncoded(
                Command.read(7, 0x1122334455667788L, 16, 16 * 512),
                "02 00 00 00 07 00 00 00",
                "88776655 44332211 0f000000 00000000 00000000 00000000");
        isEncoded(
                Command.readInto(7, 0x1122334455667788L, 16, destination, 16 * 512),
                "02 00 00 00 07 00 00 00",
                "88776655 44332211 0f000000 00000000 00000000 00000000");
        isEncoded(
                Command.write(7, 0x1122334455667788L, 16, ReadWriteCommand.FUA, data),
                "01 00 00 00 07 00 00 00",
                "88776655 44332211 0f000040 00000000 00000000 00000000");
        assertThat(Command.read(7, 0, 16, 16 * 512))
                .hasToString(Command.nvm(NvmOpcode.READ, 7)
                        .range(0, 16)
                        .receive(16 * 512)
                        .toString());
        assertThat(Command.readInto(7, 0, 16, destination, 512).buffer()).isSameAs(destination);
        assertThat(Command.write(7, 0, 16, 0, data))
                .hasToString(
                        Command.nvm(NvmOpcode.WRITE, 7).range(0, 16).send(data).toString());
        assertThat(Command.write(7, 0, 16, 0, data).buffer()).isSameAs(data);
    }

    @Test
    void readsAndWritesOutOfRangeAreRefused() {
        ByteBuf destination = Unpooled.buffer(512, 512);
        assertThatIllegalArgumentException().isThrownBy(() -> Command.read(1, 0, 0, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> Command.read(1, 0, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Command.readInto(1, 0, 65_537, destination, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> Command.readInto(1, 0, 1, destination, 513));
        assertThatIllegalArgumentException().isThrownBy(() -> Command.write(1, 0, 1, 0x8000, destination));
    }

    @Test
    void everyOpcodeIsUnsigned() {
        Command vendorSpecific = Command.opcode(0xFF).build();
        assertThat(vendorSpecific.opcode()).isEqualTo(0xFF);
        assertThat(vendorSpecific).asString().contains("opcode=0xff");
        isEncoded(vendorSpecific, "ff 00 00 00 00 00 00 00", "00".repeat(24));
    }

    @Test
    void anEmptyBufferIsSentAllTheSame() {
        assertThat(Command.opcode(1).send(Unpooled.EMPTY_BUFFER).transfer()).isEqualTo(Transfer.SEND);
        assertThat(Command.opcode(1).build().transfer()).isEqualTo(Transfer.NONE);
        assertThat(Command.opcode(1).receive(1).transfer()).isEqualTo(Transfer.RECEIVE);
    }

    @Test
    void noBlocksTooManyAndFlagsInTheirPlaceAreRefused() {
        Command.Builder builder = Command.nvm(NvmOpcode.READ, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.range(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.range(0, 65_537));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.range(0, 1, 0x8000));
    }

    @Test
    void deallocateSaysHowManyRangesItSends() {
        ByteBuf ranges = Unpooled.buffer();
        DatasetManagementCommand.addRange(ranges, 0x1122334455667788L, 9);
        DatasetManagementCommand.addRange(ranges, 1, 0xFFFF_FFFFL);
        assertThat(ByteBufUtil.hexDump(ranges))
                .isEqualTo("00000000090000008877665544332211" + "00000000ffffffff0100000000000000");
        assertThat(DatasetManagementCommand.slba(ranges, 0)).isEqualTo(0x1122334455667788L);
        assertThat(DatasetManagementCommand.blocks(ranges, 1)).isEqualTo(0xFFFF_FFFFL);
        Command command = Command.deallocate(3, ranges);
        isEncoded(command, "09 00 00 00 03 00 00 00", "01000000 04000000 00000000 00000000 00000000 00000000");
        assertThat(command.transfer()).isEqualTo(Transfer.SEND);
        assertThat(command.dataLength()).isEqualTo(32);
    }

    @Test
    void aListOfRangesIsWholeAndHasAtMost256() {
        for (int length : new int[] {0, 15, 17, 4112}) {
            ByteBuf ranges = Unpooled.wrappedBuffer(new byte[length]);
            assertThatIllegalArgumentException().as("%s bytes", length).isThrownBy(() -> Command.deallocate(1, ranges));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatasetManagementCommand.addRange(Unpooled.buffer(), 0, 1L << 32));
    }

    @Test
    void identifyReceivesItsPage() {
        Command command = Command.identify(new IdentifyCommand(IdentifyCommand.CNS_NAMESPACE, 5));
        isEncoded(command, "06 00 00 00 05 00 00 00", "00000000 00000000 00000000 00000000 00000000 00000000");
        assertThat(command.transfer()).isEqualTo(Transfer.RECEIVE);
        assertThat(command.dataLength()).isEqualTo(4096);
    }

    @Test
    void getLogPageReceivesWhatItAsksFor() {
        Command command = Command.getLogPage(GetLogPageCommand.of(LogPage.SMART_HEALTH, 512));
        isEncoded(command, "02 00 00 00 ff ff ff ff", "02007f00 00000000 00000000 00000000 00000000 00000000");
        assertThat(command.transfer()).isEqualTo(Transfer.RECEIVE);
        assertThat(command.dataLength()).isEqualTo(512);
    }

    @Test
    void aFeatureCanHaveDataOrNone() {
        Command without = Command.feature(FeatureCommand.set(FeatureId.NUMBER_OF_QUEUES, 0x00030003))
                .build();
        isEncoded(without, "09 00 00 00 00 00 00 00", "07000000 03000300 00000000 00000000 00000000 00000000");
        assertThat(without.transfer()).isEqualTo(Transfer.NONE);
    }
}
