package io.nvmf.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.Covers;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.testkit.RecordingCapsule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the data of a command is, byte by byte. */
class KeyedSglTest {

    @Test
    @Covers(
            "Keyed data block with address, 24-bit length and key; sub-type Fh asks for the key to be invalidated; empty without data")
    void aWindowBecomesAKeyedDataBlock() {
        assertThat(encoded(0x012345, new Window(), false)).isEqualTo("efcdab8967452301" + "452301" + "ddccbbaa" + "40");
    }

    @Test
    @Covers(
            "Keyed data block with address, 24-bit length and key; sub-type Fh asks for the key to be invalidated; empty without data")
    void aWindowWhoseKeyIsToBeInvalidatedSaysSo() {
        assertThat(encoded(0x012345, new Window(), true)).isEqualTo("efcdab8967452301" + "452301" + "ddccbbaa" + "4f");
    }

    @Test
    @Covers(
            "Keyed data block with address, 24-bit length and key; sub-type Fh asks for the key to be invalidated; empty without data")
    void withoutDataTheBlockIsKeyedAndEmpty() {
        assertThat(encoded(0, null, true)).isEqualTo("00".repeat(15) + "40");
    }

    @ParameterizedTest
    @CsvSource({
        // PSDT, SGL1, bytes within the capsule, what strict and other controllers say
        "40, 01000000000000001000000000000040, 0, SUCCESS, SUCCESS",
        "40, 0100000000000000100000000000004f, 0, SUCCESS, SUCCESS",
        "40, 00000000000000000000000000000040, 0, SUCCESS, SUCCESS",
        "40, 00000000000000001000000000000001, 16, SUCCESS, SUCCESS",
        "00, 01000000000000001000000000000040, 0, INVALID_FIELD, INVALID_FIELD",
        "80, 01000000000000001000000000000040, 0, INVALID_FIELD, INVALID_FIELD",
        "40, 00000000000000001100000000000001, 16, DATA_SGL_LENGTH_INVALID, DATA_SGL_LENGTH_INVALID",
        "40, 00000000000000001000000000000001, 0, DATA_SGL_LENGTH_INVALID, DATA_SGL_LENGTH_INVALID",
        "40, 01000000000000001000000000000001, 16, SGL_OFFSET_INVALID, SGL_OFFSET_INVALID",
        "40, 00000000000000801000000000000001, 16, SGL_OFFSET_INVALID, SGL_OFFSET_INVALID",
        "40, 01000000000000001000000000000040, 16, INVALID_FIELD, INVALID_FIELD",
        "40, 0000000000000000100000000000005a, 0, SGL_DESCRIPTOR_TYPE_INVALID, SGL_DESCRIPTOR_TYPE_INVALID",
        "40, 00000000000000001000000000000000, 0, SGL_DESCRIPTOR_TYPE_INVALID, SGL_DESCRIPTOR_TYPE_INVALID",
        "40, 00000000000000001000000000000031, 0, SGL_DESCRIPTOR_TYPE_INVALID, SGL_DESCRIPTOR_TYPE_INVALID",
        "40, 00000000000000001000000000000041, 0, SGL_DESCRIPTOR_TYPE_INVALID, SGL_DESCRIPTOR_TYPE_INVALID",
        "40, 0000000000000000000000000000005a, 0, SGL_DESCRIPTOR_TYPE_INVALID, SUCCESS",
    })
    @Covers("A description of another kind is refused, and the connection goes on")
    void whatAControllerSaysOfADescription(
            String flags, String sgl, int inCapsule, StatusCode strictly, StatusCode otherwise) {
        ByteBuf bytes = Unpooled.buffer(64).writeZero(64);
        bytes.setByte(SubmissionQueueEntry.FLAGS, Integer.parseInt(flags, 16));
        bytes.setBytes(SubmissionQueueEntry.SGL1, ByteBufUtil.decodeHexDump(sgl));
        SubmissionQueueEntry entry = new SubmissionQueueEntry().wrap(bytes, 0);

        assertThat(KeyedSgl.validate(entry, inCapsule, true).is(strictly)).isTrue();
        assertThat(KeyedSgl.validate(entry, inCapsule, false).is(otherwise)).isTrue();
    }

    private static String encoded(int length, RdmaWindow window, boolean invalidate) {
        RecordingCapsule capsule = new RecordingCapsule(0x01, 7);
        if (length > 0) {
            capsule.attachData(
                    CommandCapsule.Transfer.SEND, Unpooled.buffer(length).writeZero(length), length);
        }
        ByteBuf entry = Unpooled.buffer(64).writeZero(64);
        capsule.encode(entry, 0);
        KeyedSgl.encode(capsule, entry, window, invalidate);
        assertThat(entry.getUnsignedByte(SubmissionQueueEntry.FLAGS)).isEqualTo((short) 0x40);
        assertThat(entry.getUnsignedShortLE(SubmissionQueueEntry.COMMAND_ID)).isEqualTo(7);
        return ByteBufUtil.hexDump(entry, SubmissionQueueEntry.SGL1, 16);
    }

    /** Memory at an address whose every byte can be told from the others. */
    private static final class Window implements RdmaWindow {

        @Override
        public long address() {
            return 0x0123_4567_89AB_CDEFL;
        }

        @Override
        public int key() {
            return 0xAABB_CCDD;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean close() {
            return true;
        }
    }
}
