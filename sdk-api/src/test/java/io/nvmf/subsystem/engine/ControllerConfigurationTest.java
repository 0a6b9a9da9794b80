package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a host may write to CC, and when. */
class ControllerConfigurationTest {

    private static final int ENABLED = 0x460001;

    private final TargetFixture target = TargetFixture.start();

    @AfterEach
    void close() {
        target.close();
    }

    private static int get(RawQueue queue, Property property) {
        return queue.succeed(RawCommand.get(property)).dw0();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                ENABLED | 1 << 7, // MPS
                ENABLED | 6 << 4, // CSS, although both are supported
                ENABLED | 7 << 4,
                ENABLED | 1 << 11, // AMS
                0x450001, // IOSQES
                0x470001,
                0x560001, // IOCQES
                0x060001,
                0x000001,
                ENABLED | 1 << 24, // CRIME
                ENABLED | 1 << 7 | 1 << 14 // MPS, and a shutdown with it
            })
    @Covers("While EN is set nothing changes but SHN: Invalid Field otherwise, and all stays as it is")
    void nothingButShutdownChangesWhileEnabled(int value) {
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);

        admin.queue().refuse(RawCommand.set(Property.CC, value), StatusCode.INVALID_FIELD, true);

        assertThat(get(admin.queue(), Property.CC)).isEqualTo(ENABLED);
        assertThat(get(admin.queue(), Property.CSTS)).isEqualTo(1);
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        admin.queue().succeed(RawCommand.set(Property.CC, ENABLED));
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x460000, 0, 0x460080})
    void anythingMayBeWrittenWithEnableCleared(int value) {
        RawQueue admin = target.admin().queue();

        admin.succeed(RawCommand.set(Property.CC, value));

        assertThat(get(admin, Property.CC)).isEqualTo(value);
        assertThat(get(admin, Property.CSTS)).isZero();
        admin.succeed(RawCommand.set(Property.CC, ENABLED));
    }

    @ParameterizedTest
    @ValueSource(ints = {ENABLED, ENABLED | 6 << 4})
    @Covers("CSS 000b and 110b select the NVM command set, which CAP.CSS says")
    void eitherSelectionOfCommandSetsEnables(int value) {
        RawQueue admin = target.open(true);
        int controller = admin.succeed(connectAdmin(0)).dw0();

        admin.succeed(RawCommand.set(Property.CC, value));

        assertThat(get(admin, Property.CC)).isEqualTo(value);
        assertThat(get(admin, Property.CSTS)).isEqualTo(1);
        target.io(controller, 1, 0).succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
    }

    @Test
    @Covers("Discovery controllers take entry sizes of 0, or 6 and 4")
    void discoveryControllersNeedNoEntrySizesButTakeNoOthers() {
        RawQueue discovery = target.open(true);
        discovery.succeed(connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, Nqn.DISCOVERY, HOST)));

        for (int value : new int[] {0x550001, 0x450001, 0x050001, 0x560001, 0x500001, 0xFF0001}) {
            discovery.refuse(RawCommand.set(Property.CC, value), StatusCode.INVALID_FIELD, true);
        }
        for (int value : new int[] {0x000001, ENABLED, 0x000061, ENABLED | 6 << 4}) {
            discovery.succeed(RawCommand.set(Property.CC, value));
            discovery.succeed(RawCommand.set(Property.CC, 0));
        }
        discovery.succeed(RawCommand.set(Property.CC, 1));
        discovery.refuse(RawCommand.set(Property.CC, ENABLED), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers("Features have their defaults again")
    void aResetBringsTheDefaultsOfTheFeaturesBack() {
        RawQueue admin = target.admin().queue();
        int[][] features = {{0x01, 7}, {0x05, 1}, {0x06, 0}, {0x07, 0}, {0x0A, 1}, {0x0B, 0x100}, {0x04, 350}};
        int[] defaults = new int[features.length];
        for (int i = 0; i < features.length; i++) {
            defaults[i] = admin.succeed(RawCommand.getFeature(features[i][0])).dw0();
            admin.succeed(RawCommand.setFeature(features[i][0], features[i][1]));
            assertThat(admin.succeed(RawCommand.getFeature(features[i][0])).dw0())
                    .isNotEqualTo(defaults[i]);
        }

        admin.succeed(RawCommand.set(Property.CC, 0));
        admin.succeed(TargetFixture.enable());

        for (int i = 0; i < features.length; i++) {
            assertThat(admin.succeed(RawCommand.getFeature(features[i][0])).dw0())
                    .as("feature %xh", features[i][0])
                    .isEqualTo(defaults[i]);
        }
    }
}
