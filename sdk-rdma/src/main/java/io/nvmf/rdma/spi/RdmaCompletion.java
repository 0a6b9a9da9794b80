package io.nvmf.rdma.spi;

import org.jspecify.annotations.Nullable;

/** Is told of the end of an operation. */
@FunctionalInterface
public interface RdmaCompletion {

    /**
     * The operation is over. Called exactly once, on the event loop; must not throw.
     *
     * @param failure null when it is done
     */
    void completed(@Nullable RdmaException failure);
}
