package io.nvmf.testing.workload;

import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeException;
import org.reactivestreams.Publisher;

/** A Flush. */
final class FlushOperation extends Operation<Void> {

    FlushOperation(Workload workload, Runnable then) {
        super(workload, "flush", workload.options().singleLimit(), 1, then);
    }

    @Override
    Publisher<Void> publisher(NvmeNamespace namespace) {
        return namespace.flush();
    }

    @Override
    void next(Void element) {}

    @Override
    void ended(Throwable failure) {
        if (failure != null && !(failure instanceof NvmeException)) {
            throw new AssertionError(this + " failed with none of the documented exceptions", failure);
        }
    }

    @Override
    void cancelled() {}
}
