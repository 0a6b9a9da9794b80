package io.nvmf.host;

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
final class QueueFixture {

    static final Duration TIMEOUT = Duration.ofSeconds(8);

    final ManualEventExecutor loop = new ManualEventExecutor();
    final FakeHostQueuePair pair = new FakeHostQueuePair(loop);
    final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    final List<Integer> aborts = new ArrayList<>();
    final List<Runnable> abortsUnderWay = new ArrayList<>();
    boolean abortsAreSlow;
    final List<Termination> terminations = new ArrayList<>();
    final HostQueue queue;

    QueueFixture(int slots) {
        this(slots, 0, 1024, Integer.MAX_VALUE);
    }

    QueueFixture(int slots, int reserved, int pendingLimit, int orphanLimit) {
        this(slots, reserved, pendingLimit, orphanLimit, TIMEOUT);
    }

    QueueFixture(int slots, int reserved, int pendingLimit, int orphanLimit, Duration commandTimeout) {
        queue = HostQueue.start(
                pair,
                new HostQueueParameters(
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
                            return Aborter.Ticket.NONE;
                        }),
                new Failures());
        queue.termination().subscribe(terminations::add);
        loop.pump();
    }

    /** A command whose namespace identifier serves as its name. */
    static Command named(int name) {
        return Command.opcode(0).nsid(name).build();
    }

    static Command read(int length) {
        return Command.opcode(2).nsid(1).receive(length);
    }

    static Command write(ByteBuf data) {
        return Command.opcode(1).nsid(1).send(data);
    }

    static ByteBuf data(int length) {
        return Unpooled.directBuffer(length).writeZero(length);
    }

    /** Subscribes from a foreign thread's point of view and lets the event loop run. */
    Probe execute(Command command) {
        Probe probe = new Probe(Long.MAX_VALUE);
        queue.execute(command).subscribe(probe);
        loop.pump();
        return probe;
    }

    void onLoop(Runnable task) {
        loop.run(task);
    }

    void pass(Duration time) {
        timer.advanceTimeBy(time);
        loop.pump();
    }

    void cut() {
        onLoop(() -> pair.end(new Termination.PeerReset("cut")));
    }

    /** Ends the queue pair and tells whether all memory came back. */
    long memoryAfterEnd() {
        cut();
        return pair.usedMemory();
    }

    /** Keeps the completions of commands. */
    static class Probe extends Recorder<Completion> {

        Probe(long initialDemand) {
            super(initialDemand);
        }

        boolean silent() {
            return elements.isEmpty() && !isDone();
        }

        Throwable error() {
            return errors.get(0);
        }

        List<Integer> names() {
            return elements.stream().map(c -> c.command().nsid()).toList();
        }
    }
}
