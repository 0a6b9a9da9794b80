package io.nvmf.host.queue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.testing.benchmark.ShortBenchmark;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The table of command identifiers: take a free one, find it again by what the peer says, give it back. */
@State(Scope.Thread)
public class SlotTableBenchmark extends ShortBenchmark {

    private static final int SLOTS = 128;
    private static final int OUTSTANDING = 32;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final AnsweringQueuePair queuePair = new AnsweringQueuePair(loop.eventLoop(), SLOTS);
    private final QueueParameters parameters = BenchmarkQueues.parameters(SLOTS);
    private final SlotTable table = new SlotTable(
            new OutstandingCommands(queuePair, parameters, new Failures(), () -> {}, () -> {}, () -> false, end -> {}),
            parameters.slots(),
            parameters.reservedSlots());
    private final int[] commandIds = new int[OUTSTANDING];

    /** For JMH. */
    public SlotTableBenchmark() {}

    /** Frees the memory. */
    @TearDown
    public void stop() {
        queuePair.close().block();
        loop.finishAndReleaseAll();
    }

    /** One command's part, with 32 outstanding that are answered in order. */
    @Benchmark
    @OperationsPerInvocation(OUTSTANDING)
    public void acquireFindRelease() {
        for (int i = 0; i < OUTSTANDING; i++) {
            commandIds[i] = table.acquire(false).commandId();
        }
        for (int commandId : commandIds) {
            Slot slot = table.find(commandId);
            if (slot == null) {
                throw new IllegalStateException("no slot " + commandId);
            }
            table.release(slot);
        }
    }
}
