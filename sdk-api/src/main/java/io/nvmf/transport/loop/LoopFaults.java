package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a test does to one side of a connection, see {@link LoopConnection}. Set by any thread, asked on the executor.
 */
final class LoopFaults {

    private final AtomicBoolean dropNextResponse = new AtomicBoolean();
    private final AtomicBoolean damageNextData = new AtomicBoolean();
    private final AtomicReference<@Nullable Consumer<ByteBuf>> alterNextCommand = new AtomicReference<>();
    private volatile boolean deferSendTransfers;

    void dropNextResponse() {
        dropNextResponse.set(true);
    }

    void damageNextData() {
        damageNextData.set(true);
    }

    void alterNextCommand(Consumer<ByteBuf> alteration) {
        alterNextCommand.set(alteration);
    }

    void deferSendTransfers(boolean on) {
        deferSendTransfers = on;
    }

    /** Whether this response is lost. */
    boolean dropsResponse() {
        return dropNextResponse.compareAndSet(true, false);
    }

    /** Whether this data arrives damaged. */
    boolean damagesData() {
        return damageNextData.compareAndSet(true, false);
    }

    /** Changes a command capsule on its way. */
    void alter(ByteBuf message) {
        Consumer<ByteBuf> alteration = alterNextCommand.getAndSet(null);
        if (alteration != null) {
            alteration.accept(message);
        }
    }

    /** Whether the end of transfers to the controller is held back. */
    boolean defersSendTransfers() {
        return deferSendTransfers;
    }
}
