package io.nvmf.transport.loop;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.UnsentCapsules;
import io.nvmf.transport.support.WritableSignal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The controller's end of an in-JVM connection. */
final class LoopControllerQueuePair extends LoopQueuePair
        implements ControllerQueuePair, UnsentCapsules.Sender<ResponseCapsule> {

    /** Data under way to the host above which {@link #writable()} asks for patience, in bytes. */
    private static final long HIGH_WATER_MARK = 1 << 20;

    /** Data under way at which it takes more. */
    private static final long LOW_WATER_MARK = HIGH_WATER_MARK / 2;

    private final LoopHostQueuePair host;
    private final TransportAddress localAddress;
    private final int maxReceives;
    private final CapsuleFlux<ReceivedCommand> commands;
    private final Set<LoopReceive> receives = new LinkedHashSet<>();
    private final UnsentCapsules<ResponseCapsule> unsent;
    private final WritableSignal writable;
    private @Nullable ControllerQueuePairParameters parameters;

    /** Bytes that have left and that the account has not been told of. */
    private final AtomicInteger sent = new AtomicInteger();

    /** Set before anything is sent. */
    private @Nullable DataAccount account;

    /** What {@link LoopConnection} does to this side. */
    final LoopFaults faults = new LoopFaults();

    /** Makes both sides. */
    LoopControllerQueuePair(
            LoopTransportOptions options,
            HostQueuePairParameters hostParameters,
            EventExecutor hostExecutor,
            EventExecutor controllerExecutor) {
        super(controllerExecutor, options.allocator());
        this.localAddress = hostParameters.address();
        this.maxReceives = hostParameters.options().require(LoopTransportOptions.MAX_RECEIVES);
        this.commands = new CapsuleFlux<>(controllerExecutor, () -> {}, ReceivedCommand::release);
        this.unsent = new UnsentCapsules<>(controllerExecutor, this);
        this.writable = new WritableSignal(controllerExecutor, this::isWritable);
        this.host = new LoopHostQueuePair(
                hostExecutor, options.allocator(), hostParameters, options.maxTransferSize(), this);
    }

    LoopHostQueuePair host() {
        return host;
    }

    @Override
    LoopHostQueuePair peer() {
        return host;
    }

    @Override
    public boolean admin() {
        return parameters == null || parameters.admin();
    }

    @Override
    public TransportAddress localAddress() {
        return localAddress;
    }

    @Override
    public Flux<ReceivedCommand> commands() {
        return commands;
    }

    @Override
    public void configure(ControllerQueuePairParameters agreed) {
        if (parameters != null) {
            throw new IllegalStateException("the queue pair is configured already: " + parameters);
        }
        parameters = agreed;
    }

    @Override
    public Mono<Void> transmit(ResponseCapsule response) {
        return unsent.transmit(response);
    }

    @Override
    public void submit(ResponseCapsule response) {
        unsent.submit(response);
    }

    @Override
    public void queued() {
        unsent.convertNext();
    }

    @Override
    public void convert(ResponseCapsule response) {
        host.post(new LoopResponse(host, response));
    }

    @Override
    public void dropped(ResponseCapsule response) {}

    @Override
    public boolean account(DataAccount account) {
        this.account = account;
        return true;
    }

    /** The host has data that was sent to it, or will never have it; any thread. */
    void sent(int bytes) {
        if (account != null && sent.getAndAdd(bytes) == 0) {
            run(this::tellSent);
        }
    }

    private void tellSent() {
        DataAccount told = account;
        int bytes = sent.getAndSet(0);
        if (told != null && bytes > 0) {
            told.sent(bytes);
        }
    }

    @Override
    public Mono<Void> writable() {
        return writable.mono();
    }

    private boolean isWritable() {
        return ended() != null || host.backlog() < HIGH_WATER_MARK;
    }

    /** The host has taken data; on the host's executor. */
    void backlogShrunk(long backlog) {
        if (backlog <= LOW_WATER_MARK && writable.isAwaited()) {
            later(writable::changed);
        }
    }

    /** Whether a success travels with the last data. */
    boolean successWithLastData() {
        return parameters != null && !parameters.sqFlowControl();
    }

    /** Fetches that one command may have under way at a time. */
    int maxReceives() {
        return maxReceives;
    }

    void track(LoopReceive receive) {
        receives.add(receive);
    }

    void untrack(LoopReceive receive) {
        receives.remove(receive);
    }

    /** The most data that a command capsule may bring, in bytes. */
    int maxInCapsuleData() {
        return parameters == null ? HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA : parameters.maxInCapsuleData();
    }

    /** A command capsule has arrived. */
    void received(ReceivedCommand command) {
        commands.emit(command);
    }

    @Override
    void finish(Termination reason) {
        for (LoopReceive receive : List.copyOf(receives)) {
            CallBacks.guarded(receive::abort);
        }
        receives.clear();
        unsent.dropAll(reason);
        CallBacks.guarded(commands::complete);
        writable.changed();
    }
}
