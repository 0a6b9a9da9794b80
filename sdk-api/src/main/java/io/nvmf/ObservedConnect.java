package io.nvmf;

import io.nvmf.observation.ConnectOperation;
import io.nvmf.observation.Operation;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What an observer sees of a client that connects. */
final class ObservedConnect extends ObservedDetails implements ConnectOperation {

    private volatile @Nullable NvmeController made;

    ObservedConnect(Operation client) {
        super(client);
    }

    void connected(NvmeController controller) {
        made = controller;
    }

    @Override
    public OptionalInt controllerId() {
        NvmeController controller = made;
        return controller == null ? OptionalInt.empty() : OptionalInt.of(controller.id());
    }

    @Override
    public int ioQueues() {
        NvmeController controller = made;
        return controller == null ? 0 : controller.ioQueues().size();
    }
}
