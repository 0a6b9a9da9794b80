package io.nvmf.testing;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What may block on an event loop all the same: the lock of a scheduler's queue, held for a moment when a timer is cancelled
 * (Reactor's own integration allows it for starting a timer only), the same in the virtual time of tests, and the locks of the
 * queues in which subscribers of the Reactive Streams TCK keep what they got, for which the thread of the test waits at the same
 * time; and the platform's random numbers, which keys of a handshake need: {@code /dev/urandom} is a file, but always has some.
 */
public final class AllowedBlocking implements BlockHoundIntegration {

    private static final String VIRTUAL_TIME = "reactor.test.scheduler.VirtualTimeScheduler$";
    private static final String TCK = "org.reactivestreams.tck.TestEnvironment$";

    /** For the service loader. */
    public AllowedBlocking() {}

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside(ScheduledThreadPoolExecutor.class.getName() + "$DelayedWorkQueue", "remove")
                .allowBlockingCallsInside(VIRTUAL_TIME + "VirtualTimeWorker", "doScheduleAtTime")
                .allowBlockingCallsInside(VIRTUAL_TIME + "TimedRunnable", "dispose")
                .allowBlockingCallsInside("reactor.core.publisher.ContextPropagationSupport", "<clinit>")
                .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
                .allowBlockingCallsInside(TCK + "Receptacle", "add")
                .allowBlockingCallsInside(TCK + "Receptacle", "complete")
                .allowBlockingCallsInside(TCK + "Promise", "complete");
    }
}
