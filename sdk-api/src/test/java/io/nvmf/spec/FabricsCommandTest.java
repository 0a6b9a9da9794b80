package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FabricsCommandTest {
    private static final String HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM_NQN = "nqn.2016-06.io.spdk:cnode1";

    @Test
    @Covers("SQSIZE is 0's based; KATO in milliseconds on the admin queue")
    void connectCommandIsEncodedAndDecoded() {
        Bytes entry = Bytes.zeroes(64)
                .at(0, "7F 40 00 00 01")
                .at(42, "03 00 7F 00 04")
                .at(48, "C0 D4 01 00");
        ConnectCommand connect = new ConnectCommand(0, 3, 127, ConnectCommand.DISABLE_SQ_FLOW_CONTROL, 120_000);
        entry.assertEncodedBy(connect::encode);
        ConnectCommand decoded = ConnectCommand.decode(entry.buffer(), INDEX);
        assertThat(decoded).isEqualTo(connect);
        assertThat(decoded.entries()).isEqualTo(128);
        assertThat(decoded.sqFlowControlDisabled()).isTrue();
    }

    @Test
    void connectFieldsAreUnsigned() {
        ByteBuf buffer = Bytes.zeroes(64)
                .at(0, "7F 40 00 00 01")
                .at(40, "FF FF FF FF FF FF FB 00 FF FF FF FF")
                .buffer();
        assertThat(ConnectCommand.decode(buffer, INDEX))
                .isEqualTo(new ConnectCommand(0xFFFF, 0xFFFF, 0xFFFF, 0xFB, 0xFFFFFFFFL));
        assertThat(ConnectCommand.decode(buffer, INDEX).sqFlowControlDisabled()).isFalse();
        assertThat(ConnectCommand.decode(buffer, INDEX).entries()).isEqualTo(65536);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConnectCommand(0, 0, 31, 0, 1L << 32).encode(buffer, INDEX))
                .withMessageContaining("KATO");
    }

    private static Bytes connectData() {
        return Bytes.zeroes(1024)
                .at(0, "00112233 4455 6677 8899 AABBCCDDEEFF")
                .at(16, "FF FF")
                .ascii(256, SUBSYSTEM_NQN)
                .ascii(512, HOST_NQN);
    }

    @Test
    @Covers("1,024 bytes of data: host identifier in RFC order, controller identifier, NUL-terminated names")
    void connectDataHasHostIdInRfcOrderAndTerminatedNames() {
        ConnectData data = new ConnectData(
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                ConnectData.CNTLID_DYNAMIC,
                SUBSYSTEM_NQN,
                HOST_NQN);
        connectData().assertEncodedBy(data::encode);
        assertThat(ConnectData.decode(connectData().buffer(), INDEX)).isEqualTo(data);
    }

    @Test
    void connectDataWithoutHostIdOrTerminatorNamesTheOffset() {
        assertViolation(connectData().fill(0, 16, 0), "HOSTID", 0);
        assertViolation(connectData().fill(256, 256, 'n'), "SUBNQN", 256);
        assertViolation(connectData().fill(512, 256, 'n'), "HOSTNQN", 512);
        assertViolation(connectData().fill(256, 256, 0), "SUBNQN", 256);
        assertViolation(connectData().fill(512, 256, 0), "HOSTNQN", 512);
        assertViolation(Bytes.zeroes(1023).fill(0, 16, 1), "Connect data", 0);
    }

    private static void assertViolation(Bytes data, String field, int offset) {
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> ConnectData.decode(data.buffer(), INDEX))
                .satisfies(violation -> {
                    assertThat(violation.field()).isEqualTo(field);
                    assertThat(violation.offset()).isEqualTo(offset);
                });
    }

    @Test
    void namesOf255BytesFitAndLongerOnesAreRefused() {
        ByteBuf buffer = Bytes.blank(1024);
        new ConnectData(new UUID(1, 2), 0, "s".repeat(255), "h".repeat(255)).encode(buffer, INDEX);
        assertThat(ConnectData.decode(buffer, INDEX).hostNqn()).hasSize(255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConnectData(new UUID(1, 2), 0, "s".repeat(256), "h").encode(buffer, INDEX));
    }

    @Test
    void connectResponseHasAuthenticationBitsAt17And18() {
        assertThat(ConnectResponse.decode(0x0002_1234)).isEqualTo(new ConnectResponse(0x1234, true, false));
        assertThat(ConnectResponse.decode(0x0004_FFEF)).isEqualTo(new ConnectResponse(0xFFEF, false, true));
        assertThat(ConnectResponse.decode(0x0001_0000)).isEqualTo(new ConnectResponse(0, false, false));
        assertThat(new ConnectResponse(7, true, true).encode()).isEqualTo(0x0006_0007);
    }

    @Test
    void invalidParameterSaysWhetherTheOffsetCountsInTheData() {
        assertThat(ConnectResponse.InvalidParameter.decode(0x0001_0100))
                .isEqualTo(new ConnectResponse.InvalidParameter(256, true));
        assertThat(new ConnectResponse.InvalidParameter(42, false).encode()).isEqualTo(42);
        assertThat(new ConnectResponse.InvalidParameter(16, true).encode()).isEqualTo(0x0001_0010);
    }

    @Test
    @Covers("4 and 8 bytes at their offsets")
    void propertyGetOfEightBytes() {
        Bytes entry = Bytes.zeroes(64).at(0, "7F 40 00 00 04").at(40, "01");
        entry.assertEncodedBy(PropertyCommand.get(Property.CAP)::encode);
        assertThat(PropertyCommand.decode(entry.buffer(), INDEX)).isEqualTo(new PropertyCommand(false, 8, 0, 0));
    }

    @Test
    @Covers("4 and 8 bytes at their offsets")
    void propertySetOfFourBytes() {
        Bytes entry = Bytes.zeroes(64).at(0, "7F 40 00 00 00").at(44, "14 00 00 00 01 00 46 80");
        PropertyCommand command = PropertyCommand.set(Property.CC, 0x8046_0001L);
        entry.assertEncodedBy(command::encode);
        assertThat(PropertyCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
    }

    @Test
    void propertySetTakesOnlyTheLowFourBytesOfASmallProperty() {
        ByteBuf buffer = Bytes.zeroes(64)
                .at(0, "7F 40 00 00 00")
                .at(44, "14 00 00 00 01 00 46 00 FF FF FF FF")
                .buffer();
        assertThat(PropertyCommand.decode(buffer, INDEX).value()).isEqualTo(0x0046_0001);
    }

    @Test
    void reservedPropertySizeIsReportedAsZero() {
        ByteBuf buffer = Bytes.zeroes(64)
                .at(0, "7F 40 00 00 04")
                .at(40, "02")
                .at(44, "FC FF FF FF")
                .buffer();
        PropertyCommand command = PropertyCommand.decode(buffer, INDEX);
        assertThat(command.size()).isZero();
        assertThat(Property.find(command.offset())).isEmpty();
    }

    @Test
    void propertyValueIsDword1AboveDword0() {
        assertThat(PropertyCommand.value(0xFFFF_FFFE, 0x0102_0304)).isEqualTo(0x01020304_FFFFFFFEL);
    }

    @Test
    @Covers("4 and 8 bytes at their offsets")
    void propertiesHaveTheirOffsetsAndSizes() {
        assertThat(Property.find(0x00)).contains(Property.CAP);
        assertThat(Property.find(0x08)).contains(Property.VS);
        assertThat(Property.find(0x14)).contains(Property.CC);
        assertThat(Property.find(0x1C)).contains(Property.CSTS);
        assertThat(Property.find(0x20)).contains(Property.NSSR);
        assertThat(Property.find(0x68)).contains(Property.CRTO);
        assertThat(Property.find(0x04)).isEmpty();
        assertThat(Property.CAP.size()).isEqualTo(8);
        assertThat(Property.CSTS.size()).isEqualTo(4);
        assertThat(Property.SUBSYSTEM_RESET).isEqualTo(0x4E564D65);
    }

    @Test
    void disconnectHasRecordFormatZero() {
        Bytes entry = Bytes.zeroes(64).at(0, "7F 40 00 00 08");
        entry.assertEncodedBy(DisconnectCommand::encode);
        assertThat(DisconnectCommand.recordFormat(entry.at(40, "01 02").buffer(), INDEX))
                .isEqualTo(0x0201);
    }

    @ParameterizedTest
    @ValueSource(strings = {Nqn.DISCOVERY, HOST_NQN, SUBSYSTEM_NQN, "nqn.1234567"})
    void namesOfAllowedShapeAreValid(String nqn) {
        assertThat(Nqn.isValid(nqn)).isTrue();
        assertThat(Nqn.require(nqn)).isSameAs(nqn);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nqn.123456", "iqn.2016-06.io.spdk:cnode1", "nqn.2016-06.io\n.spdk"})
    void namesOfOtherShapeAreNot(String nqn) {
        assertThat(Nqn.isValid(nqn)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> Nqn.require(nqn));
    }

    @Test
    void namesHaveAtMost223Bytes() {
        assertThat(Nqn.isValid("nqn." + "a".repeat(219))).isTrue();
        assertThat(Nqn.isValid("nqn." + "a".repeat(220))).isFalse();
        assertThat(Nqn.isValid("nqn." + "\u00e9".repeat(110))).isFalse();
    }

    @Test
    void uuidFormIsLowerCase() {
        assertThat(Nqn.uuid(UUID.fromString("11111111-2222-3333-4444-555555555555")))
                .isEqualTo(HOST_NQN);
    }

    @Test
    void randomConnectsRoundTrip() {
        Random random = new Random(4420);
        ByteBuf buffer = Bytes.blank(1024);
        for (int i = 0; i < 500; i++) {
            ConnectCommand command = new ConnectCommand(
                    random.nextInt(0x10000),
                    random.nextInt(0x10000),
                    random.nextInt(0x10000),
                    random.nextInt(0x100),
                    Integer.toUnsignedLong(random.nextInt()));
            command.encode(buffer, INDEX);
            assertThat(ConnectCommand.decode(buffer, INDEX)).isEqualTo(command);
            ConnectData data = new ConnectData(
                    new UUID(random.nextLong(), random.nextLong()),
                    random.nextInt(0x10000),
                    "s".repeat(1 + random.nextInt(255)),
                    "h".repeat(1 + random.nextInt(255)));
            data.encode(buffer, INDEX);
            assertThat(ConnectData.decode(buffer, INDEX)).isEqualTo(data);
        }
    }
}
