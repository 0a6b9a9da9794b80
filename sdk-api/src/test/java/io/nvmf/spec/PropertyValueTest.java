package io.nvmf.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.testing.Covers;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertyValueTest {
    @Test
    void capabilitiesAreTakenApart() {
        // CRMS 1, NSSS 1, MPSMAX 4, MPSMIN 0, CSS NVM + I/O command sets, NSSRS 1, DSTRD 0, TO 30 (15 s), AMS 1, CQR 1,
        // MQES 1023
        ControllerCapabilities cap = ControllerCapabilities.decode(0x0C40_0830_1E03_03FFL);
        assertThat(cap.mqes()).isEqualTo(1023);
        assertThat(cap.cqr()).isTrue();
        assertThat(cap.ams()).isEqualTo(1);
        assertThat(cap.to()).isEqualTo(30);
        assertThat(cap.timeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(cap.dstrd()).isZero();
        assertThat(cap.nssrs()).isTrue();
        assertThat(cap.css()).isEqualTo(ControllerCapabilities.CSS_NVM | ControllerCapabilities.CSS_IO_COMMAND_SETS);
        assertThat(cap.mpsmin()).isZero();
        assertThat(cap.mpsmax()).isEqualTo(4);
        assertThat(cap.nsss()).isTrue();
        assertThat(cap.crms()).isEqualTo(1);
        assertThat(cap.encode()).isEqualTo(0x0C40_0830_1E03_03FFL);
    }

    @ParameterizedTest
    @CsvSource({
        "000000000000FFFF, mqes",
        "0000000000010000, cqr",
        "0000000000060000, ams",
        "00000000FF000000, to",
        "0000000F00000000, dstrd",
        "0000001000000000, nssrs",
        "00001FE000000000, css",
        "000F000000000000, mpsmin",
        "00F0000000000000, mpsmax",
        "0400000000000000, nsss",
        "1800000000000000, crms"
    })
    void eachCapabilityOwnsExactlyItsBits(String mask, String name) throws ReflectiveOperationException {
        long bits = Long.parseUnsignedLong(mask, 16);
        Object all = ControllerCapabilities.class.getMethod(name).invoke(new ControllerCapabilities(bits));
        Object none = ControllerCapabilities.class.getMethod(name).invoke(new ControllerCapabilities(~bits));
        assertThat(all).isIn(true, (1 << Long.bitCount(bits)) - 1);
        assertThat(none).isIn(false, 0);
    }

    @Test
    void fabricsCapabilitiesSetCqrAndRoundTheTimeoutUp() {
        ControllerCapabilities cap =
                ControllerCapabilities.fabrics(127, Duration.ofMillis(1001), ControllerCapabilities.CSS_NVM);
        assertThat(cap.encode()).isEqualTo(0x0000_0020_0301_007FL);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControllerCapabilities.fabrics(127, Duration.ofSeconds(128), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControllerCapabilities.fabrics(0, Duration.ofSeconds(1), 1));
    }

    @Test
    void versionReadsMajorMinorTertiary() {
        assertThat(Version.decode(0x0002_0100)).isEqualTo(new Version(2, 1, 0)).hasToString("2.1.0");
        assertThat(new Version(1, 4, 3).encode()).isEqualTo(0x0001_0403);
        assertThat(new Version(1, 4, 3)).isLessThan(new Version(2, 0, 0));
    }

    @Test
    @Covers("EN with entry sizes 6 and 4; unsupported values are refused by the controller")
    void enablingWritesEntrySizesAndNoShutdown() {
        assertThat(ControllerConfiguration.enable(ControllerConfiguration.CSS_NVM)
                        .encode())
                .isEqualTo(0x0046_0001);
        assertThat(ControllerConfiguration.enable(ControllerConfiguration.CSS_ALL)
                        .encode())
                .isEqualTo(0x0046_0061);
    }

    @Test
    void configurationIsTakenApart() {
        ControllerConfiguration cc = ControllerConfiguration.decode(0x0146_8AF1);
        assertThat(cc).isEqualTo(new ControllerConfiguration(true, 7, 5, 1, ShutdownNotification.ABRUPT, 6, 4, true));
        assertThat(cc.encode()).isEqualTo(0x0146_8AF1);
        assertThat(cc.withShutdown(ShutdownNotification.NORMAL).encode()).isEqualTo(0x0146_4AF1);
        assertThat(cc.withEnabled(false).encode()).isEqualTo(0x0146_8AF0);
    }

    @Test
    void statusIsTakenApart() {
        assertThat(ControllerStatus.decode(0x01)).isEqualTo(new ControllerStatus(true, false, ShutdownStatus.NONE));
        assertThat(ControllerStatus.decode(0x09)).isEqualTo(new ControllerStatus(true, false, ShutdownStatus.COMPLETE));
        assertThat(ControllerStatus.decode(0x06))
                .isEqualTo(new ControllerStatus(false, true, ShutdownStatus.OCCURRING));
        assertThat(ControllerStatus.decode(0x7C))
                .isEqualTo(new ControllerStatus(false, false, ShutdownStatus.RESERVED, true, true, true));
        assertThat(new ControllerStatus(true, true, ShutdownStatus.COMPLETE, true, true, true).encode())
                .isEqualTo(0x7B);
    }

    @Test
    void anyBitsAPeerSendsCanBeDecoded() {
        Random random = new Random(8009);
        for (int i = 0; i < 1000; i++) {
            int value = random.nextInt();
            assertThat(ControllerConfiguration.decode(value).encode()).isEqualTo(value & 0x01FF_FFF1);
            assertThat(ControllerStatus.decode(value).encode()).isEqualTo(value & 0x7F);
            assertThat(Version.decode(value).encode()).isEqualTo(value);
        }
    }
}
