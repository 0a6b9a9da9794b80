package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogPageTest {
    @Test
    @Covers("NUMD is 0's based, the offset a multiple of 4")
    void getLogPageHasZeroBasedDwordsAndAByteOffset() {
        Bytes entry = Bytes.zeroes(64)
                .at(0, "02 40 00 00 FF FF FF FF")
                .at(40, "70 80 FF 00")
                .at(48, "00 04 00 00 00 00 00 00");
        GetLogPageCommand command = GetLogPageCommand.of(LogPage.DISCOVERY, 64)
                .withRange(1024, 1024)
                .withRetainAsyncEvent(true);
        entry.assertEncodedBy(command::encode);
        assertThat(GetLogPageCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
    }

    @Test
    void getLogPageUsesEveryField() {
        Bytes entry = Bytes.zeroes(64)
                .at(0, "02 40 00 00 01 00 00 00")
                .at(40, "0C FF 34 12 78 56 CD AB 07 06 05 04 03 02 01 00 7F 00 80 02");
        GetLogPageCommand command = new GetLogPageCommand(
                1, LogPage.ANA, 0x7F, true, (0x56781234L + 1) * 4, 0xABCD, 0x0001020304050607L, true, 0x7F, 2);
        entry.assertEncodedBy(command::encode);
        assertThat(GetLogPageCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
    }

    @Test
    void acknowledgingIsTheDefaultAndRetainingIsAsked() {
        Bytes.zeroes(64)
                .at(0, "02 40 00 00 FF FF FF FF")
                .at(40, "0C 01 03 00")
                .assertEncodedBy(GetLogPageCommand.of(LogPage.ANA, 16).withSpecific(AnaLog.LSP_GROUPS_ONLY)::encode);
        assertThat(GetLogPageCommand.of(LogPage.ANA, 16).retainAsyncEvent()).isFalse();
    }

    @Test
    void largestLengthIsSixteenGibibytes() {
        ByteBuf entry = Bytes.zeroes(64).at(40, "00 00 FF FF FF FF 00 00").buffer();
        assertThat(GetLogPageCommand.decode(entry, INDEX).length()).isEqualTo(1L << 34);
        GetLogPageCommand.of(0, 1L << 34).encode(entry, INDEX);
        assertThat(Bytes.digits(entry, 40, 8)).isEqualTo("0000ffffffff0000");
    }

    @Test
    @Covers("NUMD is 0's based, the offset a multiple of 4")
    void lengthsAndOffsetsOutsideDwordsAreRefused() {
        ByteBuf entry = Bytes.blank(64);
        for (long length : new long[] {0, 2, 6, (1L << 34) + 4, -4}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> GetLogPageCommand.of(1, length).encode(entry, INDEX));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GetLogPageCommand.of(1, 64).withRange(2, 64).encode(entry, INDEX));
    }

    @Test
    @Covers("Error Information, SMART, Firmware Slot pages")
    void errorInformationIsReadAndWritten() {
        Bytes entry = Bytes.zeroes(64)
                .at(0, "01 00 00 00 00 00 00 80 01 00 34 12 04 80 28 00")
                .at(16, "08 07 06 05 04 03 02 01 02 00 00 00 00 03 00 01 05");
        ErrorInformationEntry error = new ErrorInformationEntry(
                0x8000000000000001L,
                1,
                0x1234,
                Status.of(StatusCode.INVALID_FIELD, true),
                40,
                0x0102030405060708L,
                2,
                TransportType.TCP.value(),
                NvmOpcode.WRITE,
                5);
        entry.assertEncodedBy(error::encode);
        assertThat(ErrorInformationEntry.decode(entry.buffer(), INDEX)).isEqualTo(error);
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> ErrorInformationEntry.decode(Bytes.blank(63), INDEX));
    }

    @Test
    @Covers("Error Information, SMART, Firmware Slot pages")
    void firmwareSlotsAreReadAndWritten() {
        Bytes page = Bytes.zeroes(512).at(0, "21").ascii(8, "1.0     ").ascii(16, "12345678");
        FirmwareSlotLog log = new FirmwareSlotLog(0x21, List.of("1.0", "12345678", "", "", "", "", ""));
        page.assertEncodedBy(log::encode);
        assertThat(FirmwareSlotLog.decode(page.buffer(), INDEX)).isEqualTo(log);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new FirmwareSlotLog(1, List.of("", "", "", "", "", "", "", "8")).encode(page.buffer(), INDEX));
    }

    @Test
    void changedNamespacesOverflowIntoARescan() {
        Bytes overflow = Bytes.zeroes(4096).at(0, "FF FF FF FF");
        assertThat(ChangedNamespaceList.overflowed(overflow.buffer(), INDEX)).isTrue();
        assertThat(ChangedNamespaceList.decode(overflow.buffer(), INDEX)).isEmpty();
        overflow.assertEncodedBy((buffer, index) -> ChangedNamespaceList.encode(
                buffer, index, IntStream.rangeClosed(1, 1025).toArray()));

        Bytes two = Bytes.zeroes(4096).at(0, "02 00 00 00 05 00 00 00");
        two.assertEncodedBy((buffer, index) -> ChangedNamespaceList.encode(buffer, index, 2, 5));
        assertThat(ChangedNamespaceList.overflowed(two.buffer(), INDEX)).isFalse();
        assertThat(ChangedNamespaceList.decode(two.buffer(), INDEX)).containsExactly(2, 5);
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> ChangedNamespaceList.decode(Bytes.blank(4095), INDEX));
    }

    @Test
    void commandEffectsLieInTwoTables() {
        Bytes page = Bytes.zeroes(4096)
                .at(4 * 0x06, "01 00 00 00")
                .at(4 * 0xFF, "11 00 00 00")
                .at(1024 + 4, "03 00 00 00")
                .at(1024 + 4 * 0xFF, "01 00 00 80");
        page.assertEncodedBy((buffer, index) -> {
            buffer.setZero(index, 4096);
            new CommandsSupportedAndEffects()
                    .wrap(buffer, index)
                    .admin(AdminOpcode.IDENTIFY, 0)
                    .admin(0xFF, CommandsSupportedAndEffects.CONTROLLER_CAPABILITY_CHANGE)
                    .io(NvmOpcode.WRITE, CommandsSupportedAndEffects.LOGICAL_BLOCK_CONTENT_CHANGE)
                    .io(0xFF, 1 << 31);
        });
        CommandsSupportedAndEffects effects = new CommandsSupportedAndEffects().wrap(page.buffer(), INDEX);
        assertThat(effects.admin(AdminOpcode.IDENTIFY)).isEqualTo(CommandsSupportedAndEffects.SUPPORTED);
        assertThat(effects.admin(AdminOpcode.ABORT)).isZero();
        assertThat(effects.io(NvmOpcode.WRITE)).isEqualTo(3);
        assertThat(effects.io(0xFF)).isEqualTo(0x80000001);
        assertThatIllegalArgumentException().isThrownBy(() -> effects.io(256));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new CommandsSupportedAndEffects().wrap(Bytes.blank(4095), INDEX));
    }

    private static Bytes anaPage() {
        return Bytes.zeroes(16 + 32 + 8 + 32)
                .at(0, "05 00 00 00 00 00 00 00 02 00")
                .at(16, "01 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00 01")
                .at(48, "07 00 00 00 08 00 00 00")
                .at(56, "02 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 0F");
    }

    @Test
    void anaLogIsReadAndWritten() {
        AnaLog log =
                new AnaLog(5, List.of(new AnaLog.Group(1, 4, 1, List.of(7, 8)), new AnaLog.Group(2, 5, 15, List.of())));
        assertThat(log.length()).isEqualTo(88);
        anaPage().assertEncodedBy(log::encode);
        AnaLog decoded = AnaLog.decode(anaPage().buffer(), INDEX);
        assertThat(decoded).isEqualTo(log);
        assertThat(decoded.groups().get(0).anaState()).contains(AnaState.OPTIMIZED);
        assertThat(decoded.groups().get(1).anaState()).contains(AnaState.CHANGE);
    }

    @Test
    void anaStateIsTheLowNibbleAndMayBeUnknown() {
        AnaLog log = AnaLog.decode(anaPage().at(32, "F9").buffer(), INDEX);
        assertThat(log.groups().get(0).state()).isEqualTo(9);
        assertThat(log.groups().get(0).anaState()).isEmpty();
    }

    @Test
    void anaCountsBeyondThePageAreRefused() {
        assertAnaViolation(anaPage().at(8, "FF FF"), "ANA log");
        assertAnaViolation(anaPage().at(20, "FF FF FF FF"), "NNSIDS");
        assertAnaViolation(anaPage().at(20, "0B 00 00 00"), "NNSIDS");
        assertAnaViolation(anaPage().at(20, "03 00 00 00"), "ANA group");
        assertAnaViolation(Bytes.zeroes(15), "ANA log");
    }

    private static void assertAnaViolation(Bytes page, String field) {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> AnaLog.decode(page.buffer(), INDEX))
                .satisfies(violation -> assertThat(violation.field()).isEqualTo(field));
    }

    @Test
    @Covers("Header and entries, padded with spaces or NULs")
    void discoveryHeaderIsReadAndWritten() {
        Bytes page =
                Bytes.zeroes(1024).at(0, "0A 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 03 00 00 0C 00 80");
        DiscoveryLogHeader header = new DiscoveryLogHeader(10, 2, 0, 3, 0x80000C00L);
        page.assertEncodedBy(header::encode);
        assertThat(DiscoveryLogHeader.decode(page.buffer(), INDEX)).isEqualTo(header);
        assertThat(header.recordCount(2)).isEqualTo(2);
        assertThat(new DiscoveryLogHeader(1, 0)).isEqualTo(new DiscoveryLogHeader(1, 0, 0, 0, 0));
        assertThatExceptionOfType(SpecificationViolationException.class).isThrownBy(() -> header.recordCount(1));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new DiscoveryLogHeader(1, -1).recordCount(Integer.MAX_VALUE));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> DiscoveryLogHeader.decode(Bytes.blank(23), INDEX));
    }

    private static final DiscoveryLogEntry TCP_ENTRY = new DiscoveryLogEntry(
            3,
            1,
            2,
            5,
            0x1234,
            0xFFFF,
            32,
            2,
            "4420",
            "nqn.2016-06.io.spdk:cnode1",
            "192.168.0.1",
            new DiscoveryLogEntry.Tcp(DiscoveryLogEntry.Tcp.TLS_1_3));

    private static Bytes tcpEntry(int padding) {
        return Bytes.zeroes(1024)
                .at(0, "03 01 02 05 34 12 FF FF 20 00 02 00")
                .fill(32, 32, padding)
                .ascii(32, "4420")
                .ascii(256, "nqn.2016-06.io.spdk:cnode1")
                .fill(512, 256, padding)
                .ascii(512, "192.168.0.1")
                .at(768, "02");
    }

    @Test
    @Covers("Header and entries, padded with spaces or NULs")
    void discoveryEntryIsPaddedWithSpacesAndReadWithEitherPadding() {
        tcpEntry(' ').assertEncodedBy(TCP_ENTRY::encode);
        assertThat(DiscoveryLogEntry.decode(tcpEntry(' ').buffer(), INDEX)).isEqualTo(TCP_ENTRY);
        assertThat(DiscoveryLogEntry.decode(tcpEntry(0).buffer(), INDEX)).isEqualTo(TCP_ENTRY);
        assertThat(TCP_ENTRY.transport()).contains(TransportType.TCP);
        assertThat(TCP_ENTRY.secureChannelRequired()).isTrue();
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> DiscoveryLogEntry.decode(Bytes.blank(1023), INDEX));
    }

    @Test
    void discoveryEntryOfRdmaHasItsOwnAddressSubtype() {
        Bytes bytes = Bytes.zeroes(1024)
                .at(0, "01 02 01 02")
                .fill(32, 32, ' ')
                .fill(512, 256, ' ')
                .ascii(32, "4420")
                .ascii(256, Nqn.DISCOVERY)
                .ascii(512, "fe80::1")
                .at(768, "01 04 01 00 00 00 00 00 FF 7F");
        DiscoveryLogEntry entry = new DiscoveryLogEntry(
                1, 2, 1, 2, 0, 0, 0, 0, "4420", Nqn.DISCOVERY, "fe80::1", new DiscoveryLogEntry.Rdma(1, 4, 1, 0x7FFF));
        bytes.assertEncodedBy(entry::encode);
        assertThat(DiscoveryLogEntry.decode(bytes.buffer(), INDEX)).isEqualTo(entry);
        assertThat(entry.secureChannelRequired()).isFalse();
    }

    @Test
    void discoveryEntryOfUnknownKindStaysReadable() {
        DiscoveryLogEntry entry =
                DiscoveryLogEntry.decode(Bytes.zeroes(1024).fill(0, 1024, 0xFF).buffer(), INDEX);
        assertThat(entry.transport()).isEmpty();
        assertThat(entry.transportType()).isEqualTo(255);
        assertThat(AddressFamily.find(entry.addressFamily())).isEmpty();
        assertThat(SubsystemType.find(entry.subsystemType())).isEmpty();
        assertThat(entry.transportSpecific()).isEqualTo(new DiscoveryLogEntry.None());
    }

    @Test
    void discoveryConstantsHaveTheirValues() {
        assertThat(TransportType.find(1)).contains(TransportType.RDMA);
        assertThat(TransportType.find(2)).contains(TransportType.FIBRE_CHANNEL);
        assertThat(TransportType.find(3)).contains(TransportType.TCP);
        assertThat(TransportType.find(254)).contains(TransportType.LOOP);
        assertThat(AddressFamily.find(1)).contains(AddressFamily.IPV4);
        assertThat(AddressFamily.find(2)).contains(AddressFamily.IPV6);
        assertThat(SubsystemType.find(1)).contains(SubsystemType.REFERRAL);
        assertThat(SubsystemType.find(2)).contains(SubsystemType.NVM);
        assertThat(SubsystemType.find(3)).contains(SubsystemType.CURRENT_DISCOVERY);
        assertThat(AnaState.find(4)).contains(AnaState.PERSISTENT_LOSS);
    }

    @Test
    void decodersSurviveRandomBytes() {
        Random random = new Random(70);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            ByteBuf buffer = Bytes.blank(bytes.length).setBytes(INDEX, bytes);
            if (bytes.length > 9) {
                buffer.setShortLE(INDEX + 8, random.nextInt(4));
            }
            try {
                AnaLog log = AnaLog.decode(buffer, INDEX);
                assertThat(log.length()).isLessThanOrEqualTo(bytes.length);
            } catch (SpecificationViolationException violation) {
                assertThat(violation).hasMessageContaining(violation.field());
            }
        }
    }
}
