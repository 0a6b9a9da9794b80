package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;

/** The answer to a {@link LoopPull}. */
record LoopPulled(LoopReceive receive, ByteBuf home, boolean served) implements Signal {
    @Override
    public void deliver() {
        receive.arrived(home, served);
    }

    @Override
    public void discard() {
        home.release();
    }
}
