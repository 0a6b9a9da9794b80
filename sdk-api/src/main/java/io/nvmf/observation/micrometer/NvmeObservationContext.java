package io.nvmf.observation.micrometer;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.nvmf.observation.Operation;
import io.nvmf.observation.OperationOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What handlers and conventions know of an observation. NVMe has no place for what a tracer would hand to the other
 * side, so nothing is propagated; but spans are those of a client, and name the subsystem as the remote service.
 *
 * @param <O> kind of operation
 */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public abstract sealed class NvmeObservationContext<O extends Operation> extends SenderContext<Object>
        permits ConnectObservationContext,
                DiscoveryObservationContext,
                RecoveryObservationContext,
                TransferObservationContext,
                CommandObservationContext {

    private final O operation;
    private volatile @Nullable OperationOutcome outcome;

    NvmeObservationContext(O operation) {
        super((carrier, key, value) -> {}, Kind.CLIENT);
        this.operation = operation;
        setRemoteServiceName(operation.subsystem());
        setRemoteServiceAddress(operation.address().toString());
    }

    /**
     * The operation. Its numbers are up to date.
     *
     * @return what is observed
     */
    public O operation() {
        return operation;
    }

    /**
     * How the operation has ended.
     *
     * @return null while it goes on
     */
    public @Nullable OperationOutcome outcome() {
        return outcome;
    }

    void outcome(OperationOutcome told) {
        outcome = told;
    }
}
