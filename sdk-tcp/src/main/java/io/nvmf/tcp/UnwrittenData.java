package io.nvmf.tcp;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;

/**
 * Knows which data has been written to the socket, without a promise for each piece. Pieces are queued in the order in
 * which they are given to the connection, and are written in that order. Usually the socket takes everything that a
 * flush gives it, and all pieces are done. Otherwise a mark is set behind them, whose promise completes everything
 * before it. Event loop only.
 */
final class UnwrittenData implements ChannelFutureListener {

    /** Who has to know more than the transfers do. */
    interface Listener {

        /** Data that the socket had left behind is written. */
        void left();

        /** A call-back threw. */
        void failed(Throwable callBack);
    }

    private final Listener listener;

    private CommandTransfer[] transfers = new CommandTransfer[8];
    private int[] lengths = new int[8];

    private int head;
    private int size;
    private int unmarked;

    /** Pieces before each mark, since the one before. */
    private final IntRing marks = new IntRing();

    UnwrittenData(Listener listener) {
        this.listener = listener;
    }

    /**
     * Adds a piece of data.
     *
     * @param transfer whose it is
     * @param length number of bytes
     */
    void add(CommandTransfer transfer, int length) {
        if (size == transfers.length) {
            grow();
        }
        int tail = head + size & transfers.length - 1;
        transfers[tail] = transfer;
        lengths[tail] = length;
        size++;
        unmarked++;
        transfer.pieceOnItsWay();
    }

    /** Whether every piece has been written. */
    boolean isEmpty() {
        return size == 0;
    }

    /** Everything so far has been given to the socket, which may have taken less. */
    void flushed(PduWriter writer) {
        if (unmarked == 0) {
            return;
        }
        if (writer.isAllTaken()) {
            // Those of earlier marks are: their promises have been told during the flush that took them.
            int pieces = unmarked;
            unmarked = 0;
            written(pieces);
        } else {
            mark(writer.promise());
        }
    }

    /** All pieces since the last mark are written when the promise succeeds. */
    private void mark(ChannelPromise promise) {
        marks.add(unmarked);
        unmarked = 0;
        promise.addListener(this);
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        if (marks.isEmpty() || !future.isSuccess()) {
            // The connection is gone, and its end has completed every transfer.
            return;
        }
        written(marks.remove());
        listener.left();
    }

    /** Call-backs that throw end the connection, but keep nobody else from being told. */
    private void written(int pieces) {
        Throwable thrown = null;
        for (int left = pieces; left > 0 && size > 0; left--) {
            CommandTransfer transfer = transfers[head];
            int length = lengths[head];
            head = head + 1 & transfers.length - 1;
            size--;
            try {
                transfer.written(length);
            } catch (RuntimeException | Error e) {
                thrown = e;
            }
        }
        if (thrown != null) {
            listener.failed(thrown);
        }
    }

    void clear() {
        size = 0;
        unmarked = 0;
        marks.clear();
    }

    private void grow() {
        transfers = Rings.doubled(transfers, head);
        lengths = Rings.doubled(lengths, head);
        head = 0;
    }
}
