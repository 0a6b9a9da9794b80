package io.nvmf.testing.fault;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.ForwardingQueuePair;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The controller's end of a connection that may fail. */
final class FaultyControllerQueuePair extends ForwardingQueuePair<ControllerQueuePair> implements ControllerQueuePair {

    private final FaultPlan plan;
    private final FaultyConnection connection;

    FaultyControllerQueuePair(ControllerQueuePair inner, FaultPlan plan, FaultyConnection connection) {
        super(inner);
        this.plan = plan;
        this.connection = connection;
    }

    @Override
    public Flux<ReceivedCommand> commands() {
        return inner.commands()
                .map(command -> (ReceivedCommand) new FaultyCommand(command))
                .transform(Operators.<ReceivedCommand, ReceivedCommand>lift((scannable, actual) -> new CapsulePoints<>(
                        actual,
                        connection,
                        plan,
                        FaultPoint.COMMAND_ARRIVED,
                        FaultPoint.COMMAND_TAKEN,
                        connection::isControllerEnded,
                        ReceivedCommand::release)));
    }

    @Override
    public Mono<Void> transmit(ResponseCapsule response) {
        return Mono.defer(() -> {
            plan.at(connection, FaultPoint.RESPONSE_SUBMITTED);
            return inner.transmit(response);
        });
    }

    @Override
    public void submit(ResponseCapsule response) {
        plan.at(connection, FaultPoint.RESPONSE_SUBMITTED);
        inner.submit(response);
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return inner.localAddress();
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return inner.remoteAddress();
    }

    @Override
    public void configure(ControllerQueuePairParameters parameters) {
        inner.configure(parameters);
    }

    @Override
    public boolean account(DataAccount account) {
        return inner.account(account);
    }

    @Override
    public Mono<Void> writable() {
        return inner.writable();
    }

    /** A command whose data may be lost. */
    private final class FaultyCommand implements ReceivedCommand {

        private final ReceivedCommand command;

        FaultyCommand(ReceivedCommand command) {
            this.command = command;
        }

        @Override
        public SubmissionQueueEntry entry() {
            return command.entry();
        }

        @Override
        public Status validate(boolean strict) {
            return command.validate(strict);
        }

        @Override
        public long dataLength() {
            return command.dataLength();
        }

        @Override
        public Mono<ByteBuf> receive(long offset, int length) {
            return Mono.defer(() -> {
                plan.at(connection, FaultPoint.DATA_ASKED);
                return command.receive(offset, length).flatMap(data -> {
                    plan.at(connection, FaultPoint.DATA_ARRIVED);
                    if (connection.isControllerEnded()) {
                        data.release();
                        return Mono.error(TransferException.aborted(0));
                    }
                    return Mono.just(data);
                });
            });
        }

        @Override
        public @Nullable ByteBuf inCapsuleData(long offset, int length) {
            return command.inCapsuleData(offset, length);
        }

        @Override
        public SendOutcome send(long offset, ByteBuf data) {
            plan.at(connection, FaultPoint.DATA_SENT);
            return command.send(offset, data);
        }

        @Override
        public void release() {
            command.release();
        }
    }
}
