package io.nvmf.tcp;

import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The data transfer of one command identifier at the host, reused from command to command. It starts before the
 * capsule's bytes leave, so that nothing the controller answers can overtake it.
 */
final class CommandTransfer {

    private final IntConsumer dataDueChange;

    private @Nullable CommandCapsule capsule;
    private boolean send;
    private boolean dataDue;
    private int generation;
    private int length;

    /** Bytes received; or bytes that R2Ts have asked for. */
    private int progress;

    private boolean damaged;

    /** The memory is out of reach: what comes is counted and not written. */
    private boolean discarded;

    private int openR2ts;
    private int written;
    private int piecesOnTheirWay;
    private boolean responded;

    /**
     * Creates a transfer that is not active.
     *
     * @param dataDueChange gets 1 when a transfer starts that waits for the controller, and -1 when it ends
     */
    CommandTransfer(IntConsumer dataDueChange) {
        this.dataDueChange = dataDueChange;
    }

    /**
     * Starts the transfer of a capsule's data.
     *
     * @param owner the capsule
     * @param waitsForPeer whether the controller has to act: by sending data, or R2Ts
     */
    void start(CommandCapsule owner, boolean waitsForPeer) {
        capsule = owner;
        send = owner.transfer() == CommandCapsule.Transfer.SEND;
        dataDue = waitsForPeer;
        generation++;
        length = owner.dataLength();
        progress = 0;
        damaged = false;
        discarded = false;
        openR2ts = 0;
        written = 0;
        piecesOnTheirWay = 0;
        responded = false;
        if (waitsForPeer) {
            dataDueChange.accept(1);
        }
    }

    boolean isActive() {
        return capsule != null;
    }

    /** Whether the controller has to act before the transfer ends. */
    boolean waitsForPeer() {
        return dataDue;
    }

    boolean isReceiving() {
        return capsule != null && !send;
    }

    /** Whether R2Ts may come. */
    boolean isRequestable() {
        return capsule != null && send && dataDue && !responded;
    }

    CommandCapsule capsule() {
        CommandCapsule present = capsule;
        if (present == null) {
            throw new IllegalStateException("no transfer is active");
        }
        return present;
    }

    /** Tells this transfer from others that used the same object. */
    int generation() {
        return generation;
    }

    int length() {
        return length;
    }

    int progress() {
        return progress;
    }

    int openR2ts() {
        return openR2ts;
    }

    // ---- receiving

    /** Nothing more is written to the memory. */
    void discard() {
        discarded = true;
    }

    boolean isDiscarded() {
        return discarded;
    }

    /** The data of one C2HData PDU is in its place, or thrown away. */
    void received(int bytes, boolean intact) {
        progress += bytes;
        damaged |= !intact;
    }

    /** No more data will come. */
    void endOfData() {
        complete(progress, damaged ? TransferException.damaged(progress) : null);
    }

    // ---- sending

    void requested(int bytes) {
        progress += bytes;
        openR2ts++;
    }

    /** All data of an R2T has been given to the connection, where nothing overtakes it. */
    void answeredR2t() {
        openR2ts--;
    }

    void pieceOnItsWay() {
        piecesOnTheirWay++;
    }

    /** Whether the connection still reads the memory. */
    boolean isLeaving() {
        return piecesOnTheirWay > 0;
    }

    /** A piece of data has been written to the socket. */
    void written(int bytes) {
        written += bytes;
        piecesOnTheirWay--;
        if (written == length || responded && piecesOnTheirWay == 0) {
            complete(written, null);
        }
    }

    // ---- both

    /** The response is here: the controller wants no more data and sends none. */
    void responded() {
        if (!send) {
            endOfData();
            return;
        }
        responded = true;
        // The memory is not free before what has been given to the connection is out.
        if (piecesOnTheirWay == 0) {
            complete(written, null);
        }
    }

    void abort() {
        if (capsule != null) {
            long bytes = send ? written : progress;
            complete(bytes, TransferException.aborted(bytes));
        }
    }

    private void complete(long bytes, @Nullable TransferException error) {
        CommandCapsule done = capsule();
        capsule = null;
        if (dataDue) {
            dataDueChange.accept(-1);
        }
        done.transferComplete(bytes, error);
    }
}
