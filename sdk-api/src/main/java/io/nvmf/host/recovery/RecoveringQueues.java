package io.nvmf.host.recovery;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueListener;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Request;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Chooses among queues of the association that there is at the moment. */
final class RecoveringQueues implements QueueSelector {

    /**
     * The queues of one association.
     *
     * @param generation which association
     * @param queues what chooses among them
     */
    private record Chosen(int generation, QueueSelector queues) {}

    private final ControllerRecovery recovery;
    private final TakeOver takeOver;
    private final HeldCommands held;
    private final Function<Association, List<HostQueue>> which;

    private volatile Chosen chosen;

    /**
     * @param which at least one queue
     */
    RecoveringQueues(
            ControllerRecovery recovery,
            TakeOver takeOver,
            HeldCommands held,
            Function<Association, List<HostQueue>> which,
            Association association,
            int generation) {
        this.recovery = recovery;
        this.takeOver = takeOver;
        this.held = held;
        this.which = which;
        this.chosen = choose(association, generation);
    }

    void use(Association association, int generation) {
        chosen = choose(association, generation);
    }

    private Chosen choose(Association association, int generation) {
        return new Chosen(generation, QueueSelector.roundRobin(which.apply(association)));
    }

    @Override
    public HostQueue next() {
        return chosen.queues().next();
    }

    @Override
    public List<HostQueue> forStream(int most) {
        return chosen.queues().forStream(most);
    }

    @Override
    public int generation() {
        return chosen.generation();
    }

    @Override
    public void submit(Request request, HostQueue queue) {
        if (held.isFree(request)) {
            queue.submit(request);
        } else {
            held.hold(request, this, queue);
        }
    }

    @Override
    public @Nullable RuntimeException takeOver(Request request, RuntimeException failure, CommandOutcome outcome) {
        return takeOver.takeOver(this, request, failure, outcome);
    }

    @Override
    public boolean takeOver(Request request, NvmeStatusException answer) {
        return takeOver.takeOver(this, request, answer);
    }

    @Override
    public @Nullable RuntimeException register(QueueListener listener, HostQueue queue) {
        return recovery.register(listener);
    }

    @Override
    public void deregister(QueueListener listener, HostQueue queue) {
        recovery.deregister(listener);
    }
}
