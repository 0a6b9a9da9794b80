package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.host.queue.Failures;
import io.nvmf.testing.Covers;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes of the commands that a namespace really sends. */
class NvmCommandsTest {

    private static final int BLOCK = 512;
    private static final long LBA = 0x0001_2345_6789_ABCDL;

    private final NvmCommands commands =
            new NvmCommands(new NamespaceGeometry(0x11223344, 9, 1L << 50, 0, 0, 0), new Failures());

    private static String bytes(Command command) {
        ByteBuf entry = Unpooled.buffer(64).writeZero(64);
        command.encode(entry, 0);
        return HexFormat.of().formatHex(ByteBufUtil.getBytes(entry));
    }

    private static String entry(String opcode, String cdw10to12) {
        return opcode + "000000" + "44332211" + "00".repeat(32) + cdw10to12 + "00".repeat(12);
    }

    @Test
    @Covers("SLBA in two dwords, NLB 0's based, FUA")
    void blocksBeyondTwoToThe32AreNamedInTwoDwords() {
        ByteBuf memory = Unpooled.buffer(8 * BLOCK);
        ByteBuf data = Unpooled.buffer(8 * BLOCK).writeZero(8 * BLOCK);

        assertThat(bytes(commands.read(LBA, 8))).isEqualTo(entry("02", "cdab8967" + "45230100" + "07000000"));
        assertThat(bytes(commands.readInto(LBA, 8, memory)))
                .isEqualTo(entry("02", "cdab8967" + "45230100" + "07000000"));
        assertThat(bytes(commands.write(LBA, 8, false, data)))
                .isEqualTo(entry("01", "cdab8967" + "45230100" + "07000000"));
        assertThat(bytes(commands.write(LBA, 8, true, data)))
                .isEqualTo(entry("01", "cdab8967" + "45230100" + "07000040"));
        assertThat(bytes(commands.read(1L << 32, 65_536))).isEqualTo(entry("02", "00000000" + "01000000" + "ffff0000"));
        assertThat(bytes(commands.flush())).isEqualTo(entry("00", "00".repeat(12)));
        memory.release();
        data.release();
    }

    @Test
    void moreBlocksThanOneCommandCanNameAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> commands.read(0, 65_537));
    }
}
