package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.socket.SocketChannel;
import io.nvmf.tcp.BusyPollingLoops;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import reactor.netty.resources.LoopResources;

class TuningTest {

    @Test
    void clientKeepsItsOwnEventLoopsUnlessAskedFor() {
        assertThat(Tuning.DEFAULTS.eventLoops()).isNull();
        assertThat(new Tuning(Duration.ofNanos(50_000), null, Duration.ZERO, 0, null, Metering.OFF).eventLoops())
                .isNull();
    }

    @Test
    void nioIsUsedThoughThereAreNativeLibraries() {
        LoopResources loops = new Tuning(Duration.ZERO, null, Duration.ZERO, 3, Io.NIO, Metering.OFF).eventLoops();

        assertThat(loops.onChannelClass(SocketChannel.class, loops.onClient(true)))
                .hasToString("class io.netty.channel.socket.nio.NioSocketChannel");
        assertThat(loops.onClient(true)).hasSize(3);
        dispose(loops);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pollingLoopsAreAsManyAsAskedFor() {
        LoopResources loops =
                new Tuning(Duration.ofNanos(50_000), null, Duration.ZERO, 2, Io.EPOLL, Metering.OFF).eventLoops();

        assertThat(loops).isInstanceOf(BusyPollingLoops.class);
        assertThat(loops.onClient(true)).hasSize(2);
        dispose(loops);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void epollLoopsCanPollThoughTheyDoNotHaveTo() {
        LoopResources loops = new Tuning(Duration.ZERO, null, Duration.ZERO, 2, null, Metering.OFF).eventLoops();

        assertThat(loops).isInstanceOf(BusyPollingLoops.class);
        dispose(loops);
    }

    @Test
    void interfaceThatIsNotThereIsNamed() {
        Tuning tuning = new Tuning(Duration.ZERO, null, Duration.ZERO, 0, Io.IO_URING, Metering.OFF);

        assertThatThrownBy(tuning::eventLoops)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--io io_uring is not")
                .hasMessageContaining("netty-transport-native-io_uring");
    }

    private static void dispose(LoopResources loops) {
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
        assertThat(loops.isDisposed()).isTrue();
    }
}
