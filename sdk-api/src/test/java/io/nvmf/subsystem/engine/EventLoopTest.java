package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import reactor.blockhound.BlockingOperationError;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Schedulers;

/** On event loops that BlockHound watches, as those of Reactor Netty are. */
class EventLoopTest {

    @TempDir
    private Path directory;

    private final EventExecutorGroup controllers = new DefaultEventExecutorGroup(2, WatchedThread::new);
    private final EventExecutorGroup hosts = new DefaultEventExecutorGroup(1, WatchedThread::new);

    private static final class WatchedThread extends FastThreadLocalThread implements NonBlocking {
        WatchedThread(Runnable work) {
            super(work);
        }
    }

    @AfterEach
    void shutDown() {
        controllers.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        hosts.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void blockingWouldBeSeen() {
        assertThatThrownBy(() -> controllers
                        .next()
                        .submit(() -> {
                            Thread.sleep(1);
                            return null;
                        })
                        .sync())
                .isInstanceOf(BlockingOperationError.class);
    }

    @Test
    void filesAreReadWrittenAndFlushedElsewhere() {
        int length = 1 << 20;
        byte[] data = new byte[length];
        new Random(1).nextBytes(data);
        LoopTransport transport =
                new LoopTransport(LoopTransportOptions.defaults().withExecutors(hosts, controllers));
        BlockStore file = BlockStore.file(directory.resolve("store"), 4L << 20, 4096);
        try (TargetFixture target = TargetFixture.start(
                transport,
                TargetOptions.DEFAULTS,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, file))) {
            RawQueue io = target.io();
            io.succeed(RawCommand.write(3, length / 4096, data));
            io.succeed(RawCommand.blocks(NvmOpcode.WRITE, 1, 0, 1, ReadWriteCommand.FUA)
                    .sending(new byte[4096]));
            io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 500, 100, 0));
            io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
            RawCommand read = RawCommand.read(3, length / 4096, length);
            io.succeed(read);
            assertThat(read.received()).isEqualTo(data);
        }
    }
}
