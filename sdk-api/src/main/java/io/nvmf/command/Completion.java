package io.nvmf.command;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import io.nvmf.spec.Status;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * A command that is done: its response and the end of its data transfer are both in.
 *
 * <p>The receiver owns {@link #data()}. Counting references of the completion counts those of its data, so that Netty's
 * and Reactor's usual ways to release what nobody wants see it; a completion without data has nothing to count.
 */
public final class Completion implements ReferenceCounted {

    private final Command command;
    private final ResponseCapsule response;
    private final @Nullable ByteBuf data;
    private final int bytesTransferred;

    /**
     * Joins the two signals.
     *
     * @param command what was asked
     * @param response the controller's answer
     * @param data memory that the SDK allocated for received data, its writer index behind the last byte; else null
     * @param bytesTransferred bytes that were moved
     */
    public Completion(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytesTransferred) {
        this.command = command;
        this.response = response;
        this.data = data;
        this.bytesTransferred = bytesTransferred;
    }

    /**
     * The command this answers.
     *
     * @return the same object that was submitted
     */
    public Command command() {
        return command;
    }

    /**
     * The controller's answer.
     *
     * @return the response
     */
    public ResponseCapsule response() {
        return response;
    }

    /**
     * The decoded status.
     *
     * @return the status
     */
    public Status status() {
        return response.status();
    }

    /**
     * Whether the controller reports success.
     *
     * @return true for status 0
     */
    public boolean isSuccess() {
        return response.isSuccess();
    }

    /**
     * Received data in memory of the SDK.
     *
     * @return the bytes, owned by the caller; null if the command received none or had a destination of its own
     */
    public @Nullable ByteBuf data() {
        return data;
    }

    /**
     * Bytes moved, in the command's direction.
     *
     * @return number of bytes
     */
    public int bytesTransferred() {
        return bytesTransferred;
    }

    /**
     * References to the data.
     *
     * @return those of {@link #data()}; always 1 without data
     */
    @Override
    public int refCnt() {
        return data == null ? 1 : data.refCnt();
    }

    @Override
    public Completion retain() {
        return retain(1);
    }

    @Override
    public Completion retain(int increment) {
        if (data != null) {
            data.retain(increment);
        }
        return this;
    }

    @Override
    public Completion touch() {
        if (data != null) {
            data.touch();
        }
        return this;
    }

    @Override
    public Completion touch(Object hint) {
        if (data != null) {
            data.touch(hint);
        }
        return this;
    }

    /**
     * Releases {@link #data()} if there is any. For receivers that do not want it.
     *
     * @return whether that was its last reference; false without data
     */
    @Override
    public boolean release() {
        return release(1);
    }

    @Override
    public boolean release(int decrement) {
        return data != null && data.release(decrement);
    }

    @Override
    public String toString() {
        return "Completion[" + command + ", " + response + ", " + bytesTransferred + " bytes]";
    }
}
