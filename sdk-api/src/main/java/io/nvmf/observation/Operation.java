package io.nvmf.observation;

import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;

/** What an {@link NvmeObserver} is told of. Any thread may ask. */
public interface Operation {

    /**
     * The subsystem that the operation is about.
     *
     * @return its NQN
     */
    String subsystem();

    /**
     * The kind of fabric.
     *
     * @return the transport
     */
    TransportType transport();

    /**
     * Where the subsystem is, as it was configured.
     *
     * @return the address
     */
    TransportAddress address();
}
