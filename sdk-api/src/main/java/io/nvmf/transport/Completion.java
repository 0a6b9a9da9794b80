package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import org.jspecify.annotations.Nullable;

/**
 * A command that is done: its response and the end of its data transfer are both in.
 *
 * <p>The receiver owns {@link #data()}.
 */
public final class Completion {

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

    /** Releases {@link #data()} if there is any. For receivers that do not want it. */
    public void release() {
        if (data != null) {
            data.release();
        }
    }

    @Override
    public String toString() {
        return "Completion[" + command + ", " + response + ", " + bytesTransferred + " bytes]";
    }
}
