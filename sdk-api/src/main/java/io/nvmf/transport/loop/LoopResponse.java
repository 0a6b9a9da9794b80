package io.nvmf.transport.loop;

import io.nvmf.transport.ResponseCapsule;

/** A response capsule. */
record LoopResponse(LoopHostQueuePair host, ResponseCapsule capsule) implements Signal {
    @Override
    public void deliver() {
        host.respond(capsule);
    }

    @Override
    public void discard() {}
}
