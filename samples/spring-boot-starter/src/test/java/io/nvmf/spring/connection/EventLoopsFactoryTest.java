package io.nvmf.spring.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.FilteredClassLoader;
import reactor.netty.resources.LoopResources;

class EventLoopsFactoryTest {

    @Test
    void thereAreAsManyThreadsAsWanted() {
        EventLoopsFactory factory = new EventLoopsFactory(new LoopSettings(3, Duration.ZERO, Duration.ofSeconds(1)));
        EventLoopGroup group = factory.getObject().onClient(LoopResources.DEFAULT_NATIVE);

        Set<EventExecutor> loops = new HashSet<>();
        group.forEach(loops::add);
        assertThat(loops).hasSize(3);

        factory.destroy();
        assertThat(group.isTerminated()).isTrue();
    }

    @Test
    void anOldNettyIsSaidAtOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> EventLoopsFactory.requireNetty(new FilteredClassLoader("io.netty.channel.IoEvent")))
                .withMessageContaining("Netty 4.2 is needed");
        assertThatNoException()
                .isThrownBy(() -> EventLoopsFactory.requireNetty(getClass().getClassLoader()));
    }
}
