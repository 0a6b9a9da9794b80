package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.Status;

/**
 * A response: one completion queue entry. Immutable; on the host it is received, on the controller it is sent.
 *
 * <p>A completion that was signalled together with the last data (the SUCCESS flag of NVMe/TCP, section 3.6.2.3) has no
 * completion queue entry on the wire: its {@link #sqHeadValid()} is false and everything but the identifier is zero.
 */
public final class ResponseCapsule {

    private final int dw0;
    private final int dw1;
    private final short sqHead;
    private final short commandId;
    private final short status;
    private final boolean sqHeadValid;

    private ResponseCapsule(int dw0, int dw1, int sqHead, int commandId, int status, boolean sqHeadValid) {
        this.dw0 = dw0;
        this.dw1 = dw1;
        this.sqHead = (short) sqHead;
        this.commandId = (short) commandId;
        this.status = (short) status;
        this.sqHeadValid = sqHeadValid;
    }

    /**
     * A response with an entry of its own.
     *
     * @param commandId identifier of the command, 0..65,535
     * @param status the 16-bit status field, bit 0 (phase) ignored
     * @param dw0 command specific
     * @param dw1 command specific
     * @param sqHead the submission queue head, 0..65,535
     * @return the response
     */
    public static ResponseCapsule of(int commandId, int status, int dw0, int dw1, int sqHead) {
        return new ResponseCapsule(dw0, dw1, sqHead, commandId, status & 0xFFFE, true);
    }

    /**
     * Reads a received entry.
     *
     * @param buffer holds the 16-byte entry
     * @param index where it starts
     * @return the response
     */
    public static ResponseCapsule decode(ByteBuf buffer, int index) {
        return new ResponseCapsule(
                buffer.getIntLE(index + CompletionQueueEntry.DW0),
                buffer.getIntLE(index + CompletionQueueEntry.DW1),
                buffer.getShortLE(index + CompletionQueueEntry.SQHD),
                buffer.getShortLE(index + CompletionQueueEntry.COMMAND_ID),
                buffer.getShortLE(index + CompletionQueueEntry.STATUS) & 0xFFFE,
                true);
    }

    /**
     * The success that came with the last data.
     *
     * @param commandId identifier of the command
     * @return the response, without a valid submission queue head
     */
    public static ResponseCapsule successWithData(int commandId) {
        return new ResponseCapsule(0, 0, 0, commandId, 0, false);
    }

    /**
     * A status that this host made up because the controller's answer does not tell the whole truth, e.g. after a data
     * digest error; without a valid submission queue head.
     *
     * @param commandId identifier of the command
     * @param status why the command failed; not a success
     * @return the response
     */
    public static ResponseCapsule madeByHost(int commandId, Status status) {
        if (status.isSuccess()) {
            throw new IllegalArgumentException("a host does not make up a success");
        }
        return new ResponseCapsule(0, 0, 0, commandId, status.raw(), false);
    }

    /**
     * Writes the 16-byte entry.
     *
     * @param target receives {@link CompletionQueueEntry#LENGTH} bytes
     * @param index where to write
     */
    public void encode(ByteBuf target, int index) {
        CompletionQueueEntry.encode(target, index, dw0, dw1, sqHead(), commandId(), statusField());
    }

    /**
     * Command specific dword 0.
     *
     * @return DW0
     */
    public int dw0() {
        return dw0;
    }

    /**
     * Command specific dword 1.
     *
     * @return DW1
     */
    public int dw1() {
        return dw1;
    }

    /**
     * Whether the response came with a {@link #sqHead()}. What that says means something only while the queue has SQ
     * flow control, which is for the layers above to know.
     *
     * @return false for a success that came with the last data
     */
    public boolean sqHeadValid() {
        return sqHeadValid;
    }

    /**
     * The submission queue head.
     *
     * @return 0..65,535; FFFFh in the response to Connect says that flow control is off
     */
    public int sqHead() {
        return sqHead & 0xFFFF;
    }

    /**
     * Identifier of the command.
     *
     * @return 0..65,535
     */
    public int commandId() {
        return commandId & 0xFFFF;
    }

    /**
     * The status field as on the wire, phase bit 0.
     *
     * @return 16 bits
     */
    public int statusField() {
        return status & 0xFFFF;
    }

    /**
     * Whether the command succeeded.
     *
     * @return true if status code type and status code are 0
     */
    public boolean isSuccess() {
        return (status & 0x0FFE) == 0;
    }

    /**
     * Whether the status is the controller's own.
     *
     * @return false if the host {@linkplain #madeByHost made it up}
     */
    public boolean fromController() {
        return sqHeadValid || isSuccess();
    }

    /**
     * The decoded status.
     *
     * @return the status
     */
    public Status status() {
        return Status.of(statusField());
    }

    @Override
    public String toString() {
        return "ResponseCapsule[commandId=" + commandId() + ", status=" + status() + ", dw0=0x"
                + Integer.toHexString(dw0) + ", dw1=0x" + Integer.toHexString(dw1)
                + (sqHeadValid ? ", sqHead=" + sqHead() : "") + ']';
    }
}
