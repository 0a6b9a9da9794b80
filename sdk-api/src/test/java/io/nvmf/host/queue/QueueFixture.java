package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.Recorder;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A queue over a scripted queue pair on a hand-driven event loop, with virtual time. */
public final class QueueFixture {

    public static final Duration TIMEOUT = Duration.ofSeconds(8);

    public final ManualEventExecutor loop = new ManualEventExecutor();
    public final FakeHostQueuePair pair = new FakeHostQueuePair(loop);
    public final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    public final List<Integer> aborts = new ArrayList<>();
    public final List<Runnable> abortsUnderWay = new ArrayList<>();
    public boolean abortsAreSlow;
    public final List<Termination> terminations = new ArrayList<>();
    public final HostQueue queue;

    public QueueFixture(int slots) {
        this(slots, 0, 1024, Integer.MAX_VALUE);
    }

    public QueueFixture(int slots, int reserved, int pendingLimit, int orphanLimit) {
        this(slots, reserved, pendingLimit, orphanLimit, TIMEOUT);
    }

    public QueueFixture(int slots, int reserved, int pendingLimit, int orphanLimit, Duration commandTimeout) {
        queue = HostQueue.start(
                pair,
                new QueueParameters(
                        1,
                        slots + reserved + 1,
                        reserved,
                        pendingLimit,
                        commandTimeout,
                        orphanLimit,
                        timer,
                        (queueId, commandId, done) -> {
                            aborts.add(commandId);
                            if (abortsAreSlow) {
                                abortsUnderWay.add(done);
                            } else {
                                done.run();
                            }
                            return AbortSender.Ticket.NONE;
                        }),
                new Failures());
        queue.termination().subscribe(terminations::add);
        loop.pump();
    }

    /** A command whose namespace identifier serves as its name. */
    public static Command named(int name) {
        return Command.opcode(0).nsid(name).build();
    }

    public static Command read(int length) {
        return Command.opcode(2).nsid(1).receive(length);
    }

    public static Command write(ByteBuf data) {
        return Command.opcode(1).nsid(1).send(data);
    }

    public static ByteBuf data(int length) {
        return Unpooled.directBuffer(length).writeZero(length);
    }

    /** Subscribes from a foreign thread's point of view and lets the event loop run. */
    public Probe execute(Command command) {
        Probe probe = new Probe(Long.MAX_VALUE);
        queue.execute(command).subscribe(probe);
        loop.pump();
        return probe;
    }

    public void onLoop(Runnable task) {
        loop.run(task);
    }

    public void pass(Duration time) {
        timer.advanceTimeBy(time);
        loop.pump();
    }

    public void cut() {
        onLoop(() -> pair.end(new Termination.PeerReset("cut")));
    }

    /** Ends the queue pair and tells whether all memory came back. */
    public long memoryAfterEnd() {
        cut();
        return pair.usedMemory();
    }

    /** Keeps the completions of commands. */
    public static class Probe extends Recorder<Completion> {

        public Probe(long initialDemand) {
            super(initialDemand);
        }

        public boolean silent() {
            return elements.isEmpty() && !isDone();
        }

        public Throwable error() {
            return errors.get(0);
        }

        public List<Integer> names() {
            return elements.stream().map(c -> c.command().nsid()).toList();
        }
    }
}
