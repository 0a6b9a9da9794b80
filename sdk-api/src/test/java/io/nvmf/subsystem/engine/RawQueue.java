package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.loop.LoopTransport;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A host's queue that sends what it is told and checks nothing. One test thread at a time. */
final class RawQueue {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HostQueuePair queuePair;
    private final BlockingQueue<ResponseCapsule> responses = new LinkedTransferQueue<>();
    private int nextId = 1;

    private RawQueue(HostQueuePair queuePair) {
        this.queuePair = queuePair;
        queuePair.responses().subscribe(responses::add);
    }

    static RawQueue open(LoopTransport transport, TransportAddress address, boolean admin, int inCapsuleData) {
        HostQueuePair queuePair = transport
                .connect(TestQueuePairs.parameters(address, admin, inCapsuleData)
                        .queueSize(128)
                        .connectTimeout(PATIENCE)
                        .build())
                .block(PATIENCE);
        assertThat(queuePair).isNotNull();
        return new RawQueue(queuePair);
    }

    HostQueuePair queuePair() {
        return queuePair;
    }

    /** Sends without waiting; gives the identifier. */
    int send(RawCommand command) {
        Integer fixed = command.fixedId();
        command.commandId(fixed == null ? nextId++ : fixed);
        queuePair.transmit(command).block(PATIENCE);
        return command.commandId();
    }

    /** The next response, whichever command it is of. */
    ResponseCapsule next() {
        ResponseCapsule response = poll(PATIENCE);
        assertThat(response).as("a response").isNotNull();
        return response;
    }

    @Nullable
    ResponseCapsule poll(Duration patience) {
        try {
            return responses.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    boolean silent() {
        return responses.isEmpty();
    }

    /** Sends one command and waits for the answer to it. */
    ResponseCapsule run(RawCommand command) {
        int id = send(command);
        ResponseCapsule response = next();
        assertThat(response.commandId()).isEqualTo(id);
        return response;
    }

    /** Runs a command that has to succeed. */
    ResponseCapsule succeed(RawCommand command) {
        ResponseCapsule response = run(command);
        assertThat(response.status()).isEqualTo(Status.SUCCESS);
        return response;
    }

    /** Runs a command that has to be refused so, DNR as given. */
    ResponseCapsule refuse(RawCommand command, StatusCode code, boolean doNotRetry) {
        ResponseCapsule response = run(command);
        assertThat(response.status()).isEqualTo(Status.of(code, doNotRetry));
        return response;
    }

    Termination termination() {
        Termination termination = queuePair.termination().block(PATIENCE);
        assertThat(termination).isNotNull();
        return termination;
    }

    void close() {
        queuePair.close().block(PATIENCE);
    }
}
