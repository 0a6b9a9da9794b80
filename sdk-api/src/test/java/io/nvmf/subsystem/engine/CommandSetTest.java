package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

/** What a host asks that has selected all I/O command sets (CC.CSS 110b): there is the NVM command set and no other. */
class CommandSetTest {

    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS.maxZeroes(1 << 20).maxRanges(16).maxRangeBlocks(4096),
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM)
                    .namespace(1, BlockStore.memory(1 << 20, 512))
                    .namespace(7, BlockStore.memory(1 << 20, 4096)));
    private final TargetFixture.Admin controller = target.admin();
    private final RawQueue admin = controller.queue();

    @AfterEach
    void close() {
        target.close();
    }

    private static RawCommand identify(int cns, int nsid, int controllerId, int commandSet) {
        return RawCommand.of(entry -> new IdentifyCommand(cns, nsid, controllerId, 0, commandSet).encode(entry, 0))
                .receiving(IdentifyCommand.DATA_LENGTH);
    }

    private ByteBuf page(RawCommand command) {
        admin.succeed(command);
        return Unpooled.wrappedBuffer(command.received());
    }

    @Test
    @Covers({
        "CNS 05h, 06h, 07h, 08h and 1Ch for the NVM command set, limits included; 1/2Ch for others",
        "Hosts that name no controller, CNTID 0, are told what holds for every controller here. Strict: 1/1Fh"
    })
    void theNvmCommandSetIsTheOnlyCombination() {
        for (int id : new int[] {0xFFFF, controller.controllerId(), 0}) {
            byte[] page = page(identify(0x1C, 0, id, 0)).array();
            assertThat(page[0]).isEqualTo((byte) 1);
            assertThat(Arrays.copyOfRange(page, 1, page.length)).containsOnly(0);
        }
    }

    @Test
    @Covers("Hosts that name no controller, CNTID 0, are told what holds for every controller here. Strict: 1/1Fh")
    void aStrictControllerAnswersForItselfOnly() {
        try (TargetFixture strict = TargetFixture.start(
                TargetOptions.DEFAULTS.strict(true),
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(512, 512)))) {
            TargetFixture.Admin asked = strict.admin();

            asked.queue().succeed(identify(0x1C, 0, 0xFFFF, 0));
            asked.queue().succeed(identify(0x1C, 0, asked.controllerId(), 0));
            asked.queue()
                    .refuse(identify(0x1C, 0, asked.controllerId() + 1, 0), StatusCode.INVALID_CONTROLLER_ID, true);
            asked.queue().refuse(identify(0x1C, 0, 0, 0), StatusCode.INVALID_CONTROLLER_ID, true);
        }
    }

    @Test
    @Covers("CNS 05h, 06h, 07h, 08h and 1Ch for the NVM command set, limits included; 1/2Ch for others")
    void theControllerSaysHowMuchOneCommandMayDo() {
        ByteBuf page = page(identify(0x06, 0, 0, 0));

        assertThat(page.getUnsignedByte(0)).as("VSL").isZero();
        assertThat(page.getUnsignedByte(1)).as("WZSL").isEqualTo((short) 8);
        assertThat(page.getUnsignedByte(2)).as("WUSL").isZero();
        assertThat(page.getUnsignedByte(3)).as("DMRL").isEqualTo((short) 16);
        assertThat(page.getIntLE(4)).as("DMRSL").isEqualTo(4096);
        assertThat(page.getLongLE(8)).as("DMSL").isZero();
    }

    @Test
    void namespacesOfTheCommandSetAreListedLikeAll() {
        assertThat(NamespaceList.decode(page(identify(0x07, 0, 0, 0)), 0)).containsExactly(1, 7);
        assertThat(NamespaceList.decode(page(identify(0x07, 1, 0, 0)), 0)).containsExactly(7);
        admin.refuse(identify(0x07, -1, 0, 0), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        admin.refuse(identify(0x07, -2, 0, 0), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
    }

    @Test
    void aNamespaceHasNothingBeyondItsOrdinaryStructure() {
        for (int nsid : new int[] {1, 3, 7}) {
            assertThat(page(identify(0x05, nsid, 0, 0)).array()).containsOnly(0);
        }
        for (int nsid : new int[] {0, 8, -1}) {
            admin.refuse(identify(0x05, nsid, 0, 0), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
            admin.refuse(identify(0x08, nsid, 0, 0), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        }
    }

    @Test
    void whatIsIndependentOfTheCommandSetSaysSharedAndReady() {
        ByteBuf page = page(identify(0x08, 7, 0, 0));

        assertThat(page.getByte(1)).as("NMIC").isEqualTo((byte) 1);
        assertThat(page.getByte(14)).as("NSTAT").isEqualTo((byte) 1);
        assertThat(page(identify(0x08, 3, 0, 0)).array()).as("inactive").containsOnly(0);
    }

    @Test
    void eachNamespaceNamesItsCommandSet() {
        assertThat(NamespaceDescriptors.decode(page(identify(0x03, 1, 0, 0)), 0).commandSetId())
                .hasValue(IdentifyCommand.CSI_NVM);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 0x30, 0xFF})
    @Covers("CNS 05h, 06h, 07h, 08h and 1Ch for the NVM command set, limits included; 1/2Ch for others")
    void otherCommandSetsAreInvalid(int commandSet) {
        for (int cns : new int[] {0x05, 0x06, 0x07}) {
            admin.refuse(identify(cns, 1, 0, commandSet), StatusCode.INVALID_IO_COMMAND_SET, true);
        }
        admin.refuse(
                RawCommand.log(LogPage.COMMANDS_SUPPORTED_AND_EFFECTS, 0, 4096)
                        .with(entry -> entry.cdw14(commandSet << 24)),
                StatusCode.INVALID_FIELD,
                true);
    }

    @Test
    void theProfileOfCommandSetsIsTheFirst() {
        assertThat(admin.succeed(RawCommand.getFeature(FeatureId.IO_COMMAND_SET_PROFILE))
                        .dw0())
                .isZero();
        admin.succeed(RawCommand.setFeature(FeatureId.IO_COMMAND_SET_PROFILE, 0));
        admin.refuse(
                RawCommand.setFeature(FeatureId.IO_COMMAND_SET_PROFILE, 1),
                StatusCode.IO_COMMAND_SET_COMBINATION_REJECTED,
                true);
    }

    @Test
    void discoveryControllersHaveNoneOfThis() {
        RawQueue discovery = target.discovery();

        for (int cns : new int[] {0x05, 0x06, 0x07, 0x08, 0x1C}) {
            discovery.refuse(identify(cns, 1, 0xFFFF, 0), StatusCode.INVALID_FIELD, true);
        }
    }
}
