package io.nvmf.testing.fault;

import io.nvmf.testing.ForwardingHostQueuePair;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The host's end of a connection that may fail. */
final class FaultyHostQueuePair extends ForwardingHostQueuePair {

    private final FaultPlan plan;
    private final FaultyConnection connection;

    FaultyHostQueuePair(HostQueuePair inner, FaultPlan plan, FaultyConnection connection) {
        super(inner);
        this.plan = plan;
        this.connection = connection;
        connection.onEveryCommand(() -> plan.at(connection, FaultPoint.COMMAND_LEFT));
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return inner.responses()
                .transform(Operators.<ResponseCapsule, ResponseCapsule>lift((scannable, actual) -> new CapsulePoints<>(
                        actual,
                        connection,
                        plan,
                        FaultPoint.RESPONSE_ARRIVED,
                        FaultPoint.RESPONSE_TAKEN,
                        connection::isHostEnded,
                        response -> {})));
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return Mono.defer(() -> {
            plan.at(connection, FaultPoint.COMMAND_SUBMITTED);
            return inner.transmit(capsule);
        });
    }

    @Override
    public void submit(CommandCapsule capsule) {
        plan.at(connection, FaultPoint.COMMAND_SUBMITTED);
        inner.submit(capsule);
    }

    @Override
    public boolean discardData(CommandCapsule capsule) {
        return inner.discardData(capsule);
    }

    @Override
    public Mono<Termination> termination() {
        return inner.termination().map(connection::seenByHost);
    }
}
