package io.nvmf.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Decoders given bytes that nobody wrote on purpose: they read them, or say what is wrong with them. */
class DecoderFuzzTest {

    private static final List<BiConsumer<ByteBuf, Integer>> DECODERS = List.of(
            DecoderFuzzTest::identifyController,
            DecoderFuzzTest::identifyNamespace,
            NamespaceDescriptors::decode,
            AnaLog::decode,
            DiscoveryLogHeader::decode,
            DiscoveryLogEntry::decode,
            ErrorInformationEntry::decode,
            FirmwareSlotLog::decode,
            (buffer, index) -> everyField(new SmartHealthLog().wrap(buffer, index), SmartHealthLog.Field.values()),
            DecoderFuzzTest::effects,
            ConnectData::decode,
            entry(ConnectCommand::decode),
            ControllerList::decode,
            NamespaceList::decode,
            ChangedNamespaceList::decode,
            HostBehavior::decode,
            entry(PropertyCommand::decode),
            entry(FeatureCommand::decode),
            entry(IdentifyCommand::decode),
            entry(GetLogPageCommand::decode),
            entry(AbortCommand::decode),
            entry(DecoderFuzzTest::completion));

    /** About as long as a structure, so that both the short and the whole come up; zeroes in some, for counts to be small. */
    static byte[] input(int seed) {
        Random random = new Random(seed);
        int[] lengths = {16, 64, 512, 1024, 4096, 4096 + 64};
        byte[] input = new byte[Math.max(1, 1 + lengths[random.nextInt(lengths.length)] - random.nextInt(3) + 1)];
        random.nextBytes(input);
        if (random.nextBoolean()) {
            for (int i = 1; i < input.length; i++) {
                if (random.nextInt(8) != 0) {
                    input[i] = 0;
                }
            }
        }
        input[0] = (byte) seed;
        return input;
    }

    @Test
    void randomBytesAreReadOrRefused() {
        for (int seed = 0; seed < 300; seed++) {
            byte[] input = input(seed);
            for (BiConsumer<ByteBuf, Integer> decoder : DECODERS) {
                decode(decoder, input);
            }
        }
    }

    /** Gives the bytes to one decoder; the first byte says which. */
    static void decode(byte[] input) {
        if (input.length > 0) {
            decode(DECODERS.get((input[0] & 0xFF) % DECODERS.size()), input);
        }
    }

    private static void decode(BiConsumer<ByteBuf, Integer> decoder, byte[] input) {
        ByteBuf buffer = Unpooled.wrappedBuffer(input);
        try {
            decoder.accept(buffer, 1);
        } catch (IllegalArgumentException | SpecificationViolationException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "decoder " + DECODERS.indexOf(decoder) + " of "
                            + HexFormat.of().formatHex(input),
                    e);
        }
    }

    /** A queue entry is whole before anybody looks at it: the transport sees to that. */
    private static BiConsumer<ByteBuf, Integer> entry(BiConsumer<ByteBuf, Integer> decoder) {
        return (buffer, index) -> {
            if (buffer.readableBytes() - index >= SubmissionQueueEntry.LENGTH) {
                decoder.accept(buffer, index);
            }
        };
    }

    private static <F extends StructureField> void everyField(Structure<F, ?> structure, F[] fields) {
        for (F field : fields) {
            structure.getBig(field);
            if (field.size() <= 8 && Integer.bitCount(field.size()) == 1) {
                structure.get(field);
            }
        }
    }

    private static void identifyController(ByteBuf buffer, int index) {
        IdentifyController identify = new IdentifyController().wrap(buffer, index);
        everyField(identify, IdentifyController.Field.values());
        identify.serialNumber();
        identify.modelNumber();
        identify.firmwareRevision();
        identify.fruGuid();
        identify.subsystemNqn();
        identify.version();
        identify.keepAliveGranularity();
        assertThat(identify.maximumDataTransferSize(15)).isPositive();
        assertThat(identify.inCapsuleDataSize()).isNotNegative();
        assertThat(identify.inCapsuleDataOffset()).isNotNegative();
        assertThat(identify.asyncEventRequestLimit()).isPositive();
        for (int delay = 0; delay < 4; delay++) {
            identify.commandRetryDelay(delay);
        }
    }

    private static void identifyNamespace(ByteBuf buffer, int index) {
        IdentifyNamespace identify = new IdentifyNamespace().wrap(buffer, index);
        everyField(identify, IdentifyNamespace.Field.values());
        identify.nguid();
        identify.eui64();
        for (int format = 0; format < 64; format++) {
            identify.lbaFormat(format);
        }
        assertThat(identify.formattedLba().blockSize()).isGreaterThanOrEqualTo(512);
    }

    private static void effects(ByteBuf buffer, int index) {
        CommandsSupportedAndEffects log = new CommandsSupportedAndEffects().wrap(buffer, index);
        for (int opcode = 0; opcode < 256; opcode++) {
            log.admin(opcode);
            log.io(opcode);
        }
    }

    private static void completion(ByteBuf buffer, int index) {
        new CompletionQueueEntry().wrap(buffer, index);
        assertThat(Status.of(CompletionQueueEntry.status(buffer, index)).toString())
                .isNotEmpty();
    }
}
