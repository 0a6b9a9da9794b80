package io.nvmf.spring.connection;

import io.netty.channel.epoll.Epoll;
import io.nvmf.tcp.BusyPollingLoops;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.util.ClassUtils;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Makes the event loops of this application and ends them, after everything that was given them, and waits for that.
 * With epoll they are of the kind that can look for input instead of sleeping, as the SDK's own are.
 */
public final class EventLoopsFactory implements FactoryBean<LoopResources>, DisposableBean {

    private static final String THREADS = "nvmf-loop";

    private static final boolean CAN_POLL = LoopResources.DEFAULT_NATIVE && Epoll.isAvailable();

    /** More than the loops need for their own timeout. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final LoopSettings settings;
    private final LoopResources loops;

    /**
     * Loops without threads; these come with the first connections.
     *
     * @param settings how many, and how they end
     * @throws IllegalStateException if the Netty of the application is too old
     */
    public EventLoopsFactory(LoopSettings settings) {
        requireNetty(EventLoopsFactory.class.getClassLoader());
        this.settings = settings;
        this.loops = CAN_POLL
                ? BusyPollingLoops.create(THREADS, settings.threads())
                : LoopResources.create(THREADS, 1, settings.threads(), true, false);
    }

    /** Says at the start what would otherwise be a class that is not found with the first connection. */
    static void requireNetty(@Nullable ClassLoader classes) {
        if (!ClassUtils.isPresent("io.netty.channel.IoEvent", classes)) {
            throw new IllegalStateException(
                    "Netty 4.2 is needed, and an older one is on the class path. With the versions"
                            + " of Spring Boot 3.5, set the properties netty.version and reactor-bom.version of your build.");
        }
    }

    @Override
    public LoopResources getObject() {
        return loops;
    }

    @Override
    public Class<LoopResources> getObjectType() {
        return LoopResources.class;
    }

    @Override
    public void destroy() {
        loops.disposeLater(settings.quietPeriod(), settings.timeout())
                .timeout(settings.timeout().plus(MARGIN), Mono.empty())
                .block();
    }
}
