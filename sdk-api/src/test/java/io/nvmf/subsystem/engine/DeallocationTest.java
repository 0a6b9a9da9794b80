package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.CommandsSupportedAndEffects;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Hosts are told of each namespace what becomes of blocks they deallocate, and whether it makes sense to do so. */
class DeallocationTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private @Nullable TargetFixture target;

    @AfterEach
    void close() {
        if (target != null) {
            target.close();
        }
    }

    private RawQueue serve(BlockStore... stores) {
        SubsystemOptions subsystem = SubsystemOptions.of(SUBSYSTEM);
        for (int i = 0; i < stores.length; i++) {
            subsystem = subsystem.namespace(i + 1, stores[i]);
        }
        TargetFixture started = TargetFixture.start(TargetOptions.DEFAULTS, Schedulers.parallel(), subsystem);
        target = started;
        return started.admin().queue();
    }

    private BlockStore file() {
        return BlockStore.file(directory.resolve("blocks"), SIZE, 512);
    }

    private static ByteBuf page(RawQueue admin, RawCommand command) {
        admin.succeed(command);
        return Unpooled.wrappedBuffer(command.received());
    }

    private static long dlfeat(RawQueue admin, int nsid) {
        return new IdentifyNamespace()
                .wrap(page(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE, nsid)), 0)
                .get(IdentifyNamespace.Field.DLFEAT);
    }

    private static boolean announced(RawQueue admin) {
        long oncs = new IdentifyController()
                .wrap(page(admin, RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0)), 0)
                .get(IdentifyController.Field.ONCS);
        boolean supported = new CommandsSupportedAndEffects()
                        .wrap(page(admin, RawCommand.log(LogPage.COMMANDS_SUPPORTED_AND_EFFECTS, 0, 4096)), 0)
                        .io(NvmOpcode.DATASET_MANAGEMENT)
                != 0;
        boolean announced = (oncs & IdentifyController.ONCS_DATASET_MANAGEMENT) != 0;
        assertThat(supported).isEqualTo(announced);
        assertThat(oncs & IdentifyController.ONCS_WRITE_ZEROES).isNotZero();
        return announced;
    }

    @Test
    @Covers(
            "ONCS announces it if a store heeds it, DLFEAT says of each namespace what deallocated blocks read as; files ignore it")
    void eachNamespaceSaysWhatItsStoreDoes() {
        BlockStore careless = new DelegatingBlockStore(BlockStore.memory(SIZE, 512)) {
            @Override
            public Mono<Void> deallocate(long offset, long length) {
                return Mono.empty();
            }

            @Override
            public Deallocation deallocation() {
                return Deallocation.UNSPECIFIED;
            }
        };
        ScriptedStore silent = new ScriptedStore(SIZE, 512);
        silent.answerEverything();
        RawQueue admin = serve(
                BlockStore.memory(SIZE, 512),
                file(),
                BlockStore.nullBlocks(SIZE, 512),
                careless,
                BlockStore.memory(SIZE, 512).keepOpen(),
                silent);

        assertThat(dlfeat(admin, 1)).isEqualTo(1);
        assertThat(dlfeat(admin, 2)).as("file").isZero();
        assertThat(dlfeat(admin, 3)).as("null").isZero();
        assertThat(dlfeat(admin, 4)).as("unspecified").isZero();
        assertThat(dlfeat(admin, 5)).as("kept open").isEqualTo(1);
        assertThat(dlfeat(admin, 6)).as("default").isZero();
        assertThat(announced(admin)).isTrue();
    }

    @Test
    @Covers(
            "ONCS announces it if a store heeds it, DLFEAT says of each namespace what deallocated blocks read as; files ignore it")
    void deallocationIsNotAnnouncedWhereNoStoreHeedsIt() {
        assertThat(announced(serve(file(), BlockStore.nullBlocks(SIZE, 512)))).isFalse();
    }

    @Test
    void deallocationIsAnnouncedWhereOneStoreHeedsIt() {
        assertThat(announced(serve(file(), BlockStore.memory(SIZE, 512)))).isTrue();
    }
}
