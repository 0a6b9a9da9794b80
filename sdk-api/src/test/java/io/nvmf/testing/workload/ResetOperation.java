package io.nvmf.testing.workload;

import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeException;
import org.reactivestreams.Publisher;

/** Resets the controller, while others are at work. */
final class ResetOperation extends Operation<Void> {

    private final NvmeController controller;

    ResetOperation(Workload workload, NvmeController controller, Runnable then) {
        super(workload, "reset", workload.options().streamLimit(), 1, then);
        this.controller = controller;
    }

    @Override
    Publisher<Void> publisher(NvmeNamespace namespace) {
        return controller.reset();
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
