package io.nvmf.tcp;

import io.nvmf.transport.DataAccount;
import java.util.function.IntConsumer;

/** Tells how many bytes have left, and lets in any data. */
record SentAccount(IntConsumer told) implements DataAccount {

    @Override
    public boolean takeInCapsule(int bytes, Runnable taken) {
        return true;
    }

    @Override
    public void giveInCapsule(int bytes) {}

    @Override
    public void sent(int bytes) {
        told.accept(bytes);
    }
}
