package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentifyTest {
    private static IdentifyController controller(Bytes bytes) {
        return new IdentifyController().wrap(bytes.buffer(), INDEX);
    }

    private static IdentifyNamespace namespace(Bytes bytes) {
        return new IdentifyNamespace().wrap(bytes.buffer(), INDEX);
    }

    @Test
    void identifyCommandCarriesItsSelectors() {
        Bytes entry = Bytes.zeroes(64).at(0, "06 40 00 00 04 03 02 01").at(40, "13 00 EF FF CD AB 00 02");
        IdentifyCommand command = new IdentifyCommand(IdentifyCommand.CNS_CONTROLLERS, 0x01020304, 0xFFEF, 0xABCD, 2);
        entry.assertEncodedBy(command::encode);
        assertThat(IdentifyCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
        Bytes.zeroes(64)
                .at(0, "06 40")
                .at(40, "01")
                .assertEncodedBy(new IdentifyCommand(IdentifyCommand.CNS_CONTROLLER, 0)::encode);
    }

    @Test
    void controllerStringsArePaddedWithSpacesAndTrimmed() {
        Bytes expected = Bytes.zeroes(4096)
                .fill(4, 68, ' ')
                .ascii(4, "SN0001")
                .ascii(24, "Embedded controller")
                .ascii(64, "0.1")
                .ascii(768, "nqn.2016-06.io.spdk:cnode1");
        expected.assertEncodedBy((buffer, index) -> new IdentifyController()
                .wrap(buffer, index)
                .clear()
                .serialNumber("SN0001")
                .modelNumber("Embedded controller")
                .firmwareRevision("0.1")
                .subsystemNqn("nqn.2016-06.io.spdk:cnode1"));
        IdentifyController controller = controller(expected);
        assertThat(controller.serialNumber()).isEqualTo("SN0001");
        assertThat(controller.modelNumber()).isEqualTo("Embedded controller");
        assertThat(controller.firmwareRevision()).isEqualTo("0.1");
        assertThat(controller.subsystemNqn()).isEqualTo("nqn.2016-06.io.spdk:cnode1");
    }

    @Test
    void stringsThatFillTheirFieldOrArePaddedWithNulAreRead() {
        IdentifyController controller = controller(Bytes.zeroes(4096)
                .ascii(4, "12345678901234567890")
                .ascii(24, " left")
                .ascii(768, "n".repeat(256))
                .ascii(64, "12345678"));
        assertThat(controller.serialNumber()).isEqualTo("12345678901234567890");
        assertThat(controller.modelNumber()).isEqualTo("left");
        assertThat(controller.firmwareRevision()).isEqualTo("12345678");
        assertThat(controller.subsystemNqn()).hasSize(256);
        assertThatIllegalArgumentException().isThrownBy(() -> controller.firmwareRevision("123456789"));
        assertThatIllegalArgumentException().isThrownBy(() -> controller.subsystemNqn("cnode1"));
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0, 9223372036854775807",
        "05, 0, 131072",
        "05, 2, 524288",
        "01, 15, 268435456",
        "32, 0, 4611686018427387904",
        "33, 0, 9223372036854775807",
        "FF, 15, 9223372036854775807"
    })
    void transferLimitCountsPagesOfMpsminAndCannotOverflow(String mdts, int mpsmin, long bytes) {
        assertThat(controller(Bytes.zeroes(4096).at(77, mdts)).maximumDataTransferSize(mpsmin))
                .isEqualTo(bytes);
    }

    @Test
    void capsuleSizesAreInUnitsOf16Bytes() {
        assertThat(controller(Bytes.zeroes(4096).at(1792, "04")).inCapsuleDataSize())
                .isZero();
        assertThat(controller(Bytes.zeroes(4096)).inCapsuleDataSize()).isZero();
        assertThat(controller(Bytes.zeroes(4096).at(1792, "04 02")).inCapsuleDataSize())
                .isEqualTo(8256 - 64);
        assertThat(controller(Bytes.zeroes(4096).at(1792, "FF FF FF FF")).inCapsuleDataSize())
                .isEqualTo(16L * 0xFFFFFFFFL - 64);
        assertThat(controller(Bytes.zeroes(4096).at(1800, "FF FF")).inCapsuleDataOffset())
                .isEqualTo(1048560);
    }

    @Test
    void controllerAttributesAreSingleBits() {
        IdentifyController none = controller(
                Bytes.zeroes(4096).at(96, "BF FF FF FF").at(525, "FE").at(1802, "FE"));
        assertThat(none.trafficBasedKeepAlive()).isFalse();
        assertThat(none.volatileWriteCache()).isFalse();
        assertThat(none.staticControllerModel()).isFalse();
        IdentifyController all =
                controller(Bytes.zeroes(4096).at(96, "40").at(525, "01").at(1802, "01"));
        assertThat(all.trafficBasedKeepAlive()).isTrue();
        assertThat(all.volatileWriteCache()).isTrue();
        assertThat(all.staticControllerModel()).isTrue();
    }

    @Test
    @Covers("MDTS in units of CAP.MPSMIN bounds a transfer")
    void timesAndLimitsHaveTheirUnits() {
        IdentifyController controller = controller(Bytes.zeroes(4096)
                .at(80, "00 01 02 00")
                .at(112, "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF")
                .at(128, "01 00 02 00 FF FF")
                .at(259, "03")
                .at(320, "0A 00"));
        assertThat(controller.version()).isEqualTo(new Version(2, 1, 0));
        assertThat(controller.fruGuid()).contains("00112233445566778899aabbccddeeff");
        assertThat(controller.keepAliveGranularity()).isEqualTo(Duration.ofSeconds(1));
        assertThat(controller.asyncEventRequestLimit()).isEqualTo(4);
        assertThat(controller.commandRetryDelay(0)).isZero();
        assertThat(controller.commandRetryDelay(1)).isEqualTo(Duration.ofMillis(100));
        assertThat(controller.commandRetryDelay(2)).isEqualTo(Duration.ofMillis(200));
        assertThat(controller.commandRetryDelay(3)).isEqualTo(Duration.ofMillis(6_553_500));
    }

    @Test
    @Covers("LBA format index with its high bits; formats with metadata are refused")
    void formattedLbaIndexHasItsHighBitsAboveTheMetadataBit() {
        IdentifyNamespace namespace =
                namespace(Bytes.zeroes(4096).at(26, "71").at(128, "00 00 09 00").at(128 + 4 * 49, "08 00 0C 02"));
        assertThat(namespace.formattedLbaIndex()).isEqualTo(49);
        assertThat(namespace.extendedLba()).isTrue();
        assertThat(namespace.formattedLba()).isEqualTo(new IdentifyNamespace.LbaFormat(8, 12, 2));
        assertThat(namespace.formattedLba().blockSize()).isEqualTo(4096);
        assertThat(namespace.lbaFormat(0).blockSize()).isEqualTo(512);
        assertThat(namespace(Bytes.zeroes(4096).at(26, "EF")).extendedLba()).isFalse();
    }

    @Test
    void lbaFormatsAreWrittenAndBounded() {
        Bytes.zeroes(4096)
                .at(128 + 4 * 63, "40 00 0C 01")
                .assertEncodedBy((buffer, index) -> new IdentifyNamespace()
                        .wrap(buffer, index)
                        .clear()
                        .lbaFormat(63, new IdentifyNamespace.LbaFormat(64, 12, 1)));
        IdentifyNamespace namespace = namespace(Bytes.zeroes(4096));
        assertThatIllegalArgumentException().isThrownBy(() -> namespace.lbaFormat(64));
        assertThatIllegalArgumentException().isThrownBy(() -> namespace.lbaFormat(-1));
    }

    @ParameterizedTest
    @CsvSource({"0", "8", "63", "255"})
    void unusableBlockSizesAreRefused(int lbads) {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new IdentifyNamespace.LbaFormat(0, lbads, 0).blockSize())
                .satisfies(violation -> assertThat(violation.value()).isEqualTo(lbads));
    }

    @Test
    void namespaceIdentifiersAreBigEndian() {
        Bytes expected = Bytes.zeroes(4096)
                .at(104, "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF")
                .at(120, "FE DC BA 98 76 54 32 10");
        expected.assertEncodedBy((buffer, index) -> new IdentifyNamespace()
                .wrap(buffer, index)
                .clear()
                .nguid("00112233445566778899aabbccddeeff")
                .eui64("fedcba9876543210"));
        assertThat(namespace(expected).nguid()).contains("00112233445566778899aabbccddeeff");
        assertThat(namespace(expected).eui64()).contains("fedcba9876543210");
        assertThat(namespace(Bytes.zeroes(4096)).nguid()).isEmpty();
        assertThat(namespace(Bytes.zeroes(4096)).eui64()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> namespace(Bytes.zeroes(4096)).eui64("00112233445566778899aabbccddeeff"));
    }

    @Test
    void namespaceListEndsAtZeroOrAtItsEnd() {
        Bytes list = Bytes.zeroes(4096).at(0, "01 00 00 00 03 00 00 00 FE FF FF FF");
        assertThat(NamespaceList.decode(list.buffer(), INDEX)).containsExactly(1, 3, 0xFFFFFFFE);
        list.assertEncodedBy((buffer, index) -> NamespaceList.encode(buffer, index, 1, 3, 0xFFFFFFFE));
        assertThat(NamespaceList.decode(Bytes.blank(4096), INDEX)).isEmpty();

        int[] full = IntStream.rangeClosed(1, 1024).toArray();
        ByteBuf buffer = Bytes.blank(4096);
        NamespaceList.encode(buffer, INDEX, full);
        assertThat(NamespaceList.decode(buffer, INDEX)).containsExactly(full);
        assertThatIllegalArgumentException().isThrownBy(() -> NamespaceList.encode(buffer, INDEX, new int[1025]));
    }

    @Test
    @Covers("Active namespace list, 1,024 at a time, ascending")
    void namespaceListThatDoesNotAscendIsRefused() {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> NamespaceList.decode(
                        Bytes.zeroes(4096).at(0, "02 00 00 00 02 00 00 00").buffer(), INDEX))
                .satisfies(violation -> assertThat(violation.offset()).isEqualTo(4));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> NamespaceList.decode(Bytes.blank(4092), INDEX));
    }

    @Test
    void controllerListIsCountedAndBounded() {
        Bytes list = Bytes.zeroes(4096).at(0, "02 00 01 00 EF FF");
        assertThat(ControllerList.decode(list.buffer(), INDEX)).containsExactly(1, 0xFFEF);
        list.assertEncodedBy((buffer, index) -> ControllerList.encode(buffer, index, 1, 0xFFEF));
        assertThat(ControllerList.decode(Bytes.zeroes(4096).at(0, "FF 07").buffer(), INDEX))
                .hasSize(2047);
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() ->
                        ControllerList.decode(Bytes.zeroes(8192).at(0, "00 08").buffer(), INDEX));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() ->
                        ControllerList.decode(Bytes.zeroes(5).at(0, "02 00").buffer(), INDEX));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> ControllerList.decode(Bytes.blank(1), INDEX));
    }

    private static final NamespaceDescriptors ALL_DESCRIPTORS = new NamespaceDescriptors(
            Optional.of("0123456789abcdef"),
            Optional.of("00112233445566778899aabbccddeeff"),
            Optional.of(UUID.fromString("01234567-89ab-cdef-0123-456789abcdef")),
            OptionalInt.of(IdentifyCommand.CSI_ZNS));

    @Test
    @Covers("Namespace identification descriptors, unknown types passed over")
    void namespaceDescriptorsAreReadAndWritten() {
        Bytes list = Bytes.zeroes(4096)
                .at(0, "01 08 00 00 0123456789ABCDEF")
                .at(12, "02 10 00 00 00112233445566778899AABBCCDDEEFF")
                .at(32, "03 10 00 00 0123456789ABCDEF0123456789ABCDEF")
                .at(52, "04 01 00 00 02");
        list.assertEncodedBy(ALL_DESCRIPTORS::encode);
        assertThat(NamespaceDescriptors.decode(list.buffer(), INDEX)).isEqualTo(ALL_DESCRIPTORS);
        NamespaceDescriptors none =
                new NamespaceDescriptors(Optional.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty());
        assertThat(NamespaceDescriptors.decode(Bytes.blank(4096), INDEX)).isEqualTo(none);
        Bytes.zeroes(4096).assertEncodedBy(none::encode);
    }

    @Test
    @Covers("Namespace identification descriptors, unknown types passed over")
    void unknownDescriptorTypesArePassedOver() {
        ByteBuf list = Bytes.zeroes(4096)
                .at(0, "7F 03 00 00 AABBCC")
                .at(7, "04 01 00 00 00")
                .buffer();
        assertThat(NamespaceDescriptors.decode(list, INDEX).commandSetId()).hasValue(IdentifyCommand.CSI_NVM);
    }

    @ParameterizedTest
    @CsvSource({"01, 07", "01, 10", "02, 08", "03, FF", "04, 02"})
    void descriptorsOfWrongLengthAreRefused(String type, String length) {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> NamespaceDescriptors.decode(
                        Bytes.zeroes(4096).at(0, type).at(1, length).buffer(), INDEX))
                .satisfies(violation -> assertThat(violation.field()).isEqualTo("NIDL"));
    }

    @Test
    void descriptorThatReachesBeyondTheListIsRefused() {
        Bytes list = Bytes.zeroes(4096);
        // 15 unknown descriptors of 259 bytes leave 211 for one that claims 255
        for (int offset = 0; offset < 4096; offset += 259) {
            list.at(offset, "7F FF");
        }
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> NamespaceDescriptors.decode(list.buffer(), INDEX))
                .satisfies(violation -> assertThat(violation.offset()).isEqualTo(15 * 259 + 1));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> NamespaceDescriptors.decode(Bytes.blank(4095), INDEX));
    }

    @Test
    void decodersSurviveRandomBytes() {
        Random random = new Random(7);
        byte[] bytes = new byte[4096];
        for (int i = 0; i < 2000; i++) {
            random.nextBytes(bytes);
            // mostly small values, which lead deeper into the lists
            int mask = 1 << random.nextInt(8);
            for (int b = 0; b < bytes.length; b++) {
                bytes[b] = (byte) (bytes[b] & (mask - 1));
            }
            ByteBuf buffer = Bytes.blank(4096).setBytes(INDEX, bytes);
            survives(
                    () -> assertThat(NamespaceDescriptors.decode(buffer, INDEX)).isNotNull());
            survives(() -> assertThat(NamespaceList.decode(buffer, INDEX)).hasSizeLessThanOrEqualTo(1024));
            survives(() -> assertThat(ControllerList.decode(buffer, INDEX)).hasSizeLessThanOrEqualTo(2047));
            survives(() ->
                    assertThat(namespace(buffer).formattedLba().blockSize()).isPositive());
            assertThat(new IdentifyController().wrap(buffer, INDEX).modelNumber())
                    .hasSizeLessThanOrEqualTo(40);
        }
    }

    private static IdentifyNamespace namespace(ByteBuf buffer) {
        return new IdentifyNamespace().wrap(buffer, INDEX);
    }

    private static void survives(Runnable decoding) {
        try {
            decoding.run();
        } catch (SpecificationViolationException violation) {
            assertThat(violation).hasMessageContaining(violation.field());
        }
    }
}
