package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The field tables of the large structures: offset, size and name of every number, both directions. */
class StructureTest {
    private static final String CONTROLLER = """
            0 2 VID
            2 2 SSVID
            72 1 RAB
            76 1 CMIC
            77 1 MDTS
            78 2 CNTLID
            80 4 VER
            84 4 RTD3R
            88 4 RTD3E
            92 4 OAES
            96 4 CTRATT
            100 2 RRLS
            111 1 CNTRLTYPE
            128 2 CRDT1
            130 2 CRDT2
            132 2 CRDT3
            256 2 OACS
            258 1 ACL
            259 1 AERL
            260 1 FRMW
            261 1 LPA
            262 1 ELPE
            263 1 NPSS
            266 2 WCTEMP
            268 2 CCTEMP
            270 2 MTFA
            280 16 TNVMCAP
            296 16 UNVMCAP
            316 2 EDSTT
            320 2 KAS
            322 2 HCTMA
            328 4 SANICAP
            338 2 NSETIDMAX
            340 2 ENDGIDMAX
            342 1 ANATT
            343 1 ANACAP
            344 4 ANAGRPMAX
            348 4 NANAGRPID
            352 4 PELS
            356 2 DOMAINID
            386 2 CQT
            512 1 SQES
            513 1 CQES
            514 2 MAXCMD
            516 4 NN
            520 2 ONCS
            522 2 FUSES
            524 1 FNA
            525 1 VWC
            526 2 AWUN
            528 2 AWUPF
            531 1 NWPC
            532 2 ACWU
            534 2 OCFS
            536 4 SGLS
            540 4 MNAN
            1792 4 IOCCSZ
            1796 4 IORCSZ
            1800 2 ICDOFF
            1802 1 FCATT
            1803 1 MSDBD
            1804 2 OFCS
            1806 1 DCTYPE
            """;
    private static final String NAMESPACE = """
            0 8 NSZE
            8 8 NCAP
            16 8 NUSE
            24 1 NSFEAT
            25 1 NLBAF
            26 1 FLBAS
            27 1 MC
            28 1 DPC
            29 1 DPS
            30 1 NMIC
            31 1 RESCAP
            32 1 FPI
            33 1 DLFEAT
            34 2 NAWUN
            36 2 NAWUPF
            38 2 NACWU
            40 2 NABSN
            42 2 NABO
            44 2 NABSPF
            46 2 NOIOB
            48 16 NVMCAP
            64 2 NPWG
            66 2 NPWA
            68 2 NPDG
            70 2 NPDA
            72 2 NOWS
            74 2 MSSRL
            76 4 MCL
            80 1 MSRC
            92 4 ANAGRPID
            99 1 NSATTR
            100 2 NVMSETID
            102 2 ENDGID
            """;
    private static final String SMART = """
            0 1 CRITICAL_WARNING
            1 2 COMPOSITE_TEMPERATURE
            3 1 AVAILABLE_SPARE
            4 1 AVAILABLE_SPARE_THRESHOLD
            5 1 PERCENTAGE_USED
            6 1 ENDURANCE_GROUP_CRITICAL_WARNING
            32 16 DATA_UNITS_READ
            48 16 DATA_UNITS_WRITTEN
            64 16 HOST_READ_COMMANDS
            80 16 HOST_WRITE_COMMANDS
            96 16 CONTROLLER_BUSY_TIME
            112 16 POWER_CYCLES
            128 16 POWER_ON_HOURS
            144 16 UNSAFE_SHUTDOWNS
            160 16 MEDIA_ERRORS
            176 16 ERROR_LOG_ENTRIES
            192 4 WARNING_TEMPERATURE_TIME
            196 4 CRITICAL_TEMPERATURE_TIME
            200 2 TEMPERATURE_SENSOR_1
            202 2 TEMPERATURE_SENSOR_2
            204 2 TEMPERATURE_SENSOR_3
            206 2 TEMPERATURE_SENSOR_4
            208 2 TEMPERATURE_SENSOR_5
            210 2 TEMPERATURE_SENSOR_6
            212 2 TEMPERATURE_SENSOR_7
            214 2 TEMPERATURE_SENSOR_8
            """;

    @ParameterizedTest
    @CsvSource(textBlock = CONTROLLER, delimiter = ' ')
    void controllerFieldLiesWhereItBelongs(int offset, int size, IdentifyController.Field field) {
        assertPlace(new IdentifyController(), IdentifyController.LENGTH, offset, size, field);
    }

    @ParameterizedTest
    @CsvSource(textBlock = NAMESPACE, delimiter = ' ')
    void namespaceFieldLiesWhereItBelongs(int offset, int size, IdentifyNamespace.Field field) {
        assertPlace(new IdentifyNamespace(), IdentifyNamespace.LENGTH, offset, size, field);
    }

    @ParameterizedTest
    @CsvSource(textBlock = SMART, delimiter = ' ')
    void smartFieldLiesWhereItBelongs(int offset, int size, SmartHealthLog.Field field) {
        assertPlace(new SmartHealthLog(), SmartHealthLog.LENGTH, offset, size, field);
    }

    private static <F extends StructureField, T extends Structure<F, T>> void assertPlace(
            T structure, int length, int offset, int size, F field) {
        byte[] ascending = new byte[size];
        for (int i = 0; i < size; i++) {
            ascending[i] = (byte) (0xF0 + i);
        }
        Bytes expected = Bytes.zeroes(length).at(offset, HexFormat.of().formatHex(ascending));
        byte[] bigEndian = new byte[size];
        for (int i = 0; i < size; i++) {
            bigEndian[i] = ascending[size - 1 - i];
        }
        BigInteger value = new BigInteger(1, bigEndian);

        structure.wrap(expected.buffer(), INDEX);
        assertThat(structure.getBig(field)).isEqualTo(value);
        if (size <= 8) {
            assertThat(structure.get(field)).isEqualTo(value.longValue());
            expected.assertEncodedBy(
                    (buffer, index) -> structure.wrap(buffer, index).clear().set(field, value.longValue()));
        }
        expected.assertEncodedBy(
                (buffer, index) -> structure.wrap(buffer, index).clear().setBig(field, value));
    }

    @Test
    @Covers("Controller data structure")
    void tablesAboveNameEveryField() {
        assertNamed(CONTROLLER, IdentifyController.Field.values());
        assertNamed(NAMESPACE, IdentifyNamespace.Field.values());
        assertNamed(SMART, SmartHealthLog.Field.values());
    }

    private static void assertNamed(String table, StructureField[] fields) {
        assertThat(table.lines().map(line -> line.substring(line.lastIndexOf(' ') + 1)))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(fields).map(StructureField::name).toList());
    }

    @Test
    void structuresNeedAllTheirWrittenBytes() {
        ByteBuf shortByOne = Bytes.blank(4095);
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new IdentifyController().wrap(shortByOne, INDEX))
                .withMessageContaining("4095")
                .withMessageContaining("4096");
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new SmartHealthLog().wrap(Bytes.blank(512).writerIndex(INDEX + 511), INDEX));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> new SmartHealthLog().wrap(Bytes.blank(512), Integer.MAX_VALUE));
    }

    @Test
    void valuesThatDoNotFitAreRefused() {
        IdentifyController controller = new IdentifyController().wrap(Bytes.blank(4096), INDEX);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> controller.set(IdentifyController.Field.MDTS, 256))
                .withMessageContaining("MDTS");
        assertThatIllegalArgumentException().isThrownBy(() -> controller.set(IdentifyController.Field.NN, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> controller.setBig(IdentifyController.Field.TNVMCAP, BigInteger.ONE.shiftLeft(128)));
        assertThatIllegalArgumentException().isThrownBy(() -> controller.get(IdentifyController.Field.TNVMCAP));
        controller.set(IdentifyController.Field.TNVMCAP, 5);
        assertThat(controller.getBig(IdentifyController.Field.TNVMCAP)).isEqualTo(5);
    }
}
