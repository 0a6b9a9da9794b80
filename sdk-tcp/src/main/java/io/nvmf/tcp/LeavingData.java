package io.nvmf.tcp;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.nvmf.transport.DataAccount;
import org.jspecify.annotations.Nullable;

/**
 * Counts the data that has been given to a connection and has not left it yet. Usually the socket takes everything that
 * a flush gives it. Otherwise a mark is set behind the data, whose promise tells when everything before it has left.
 * Event loop only.
 */
final class LeavingData implements ChannelFutureListener {

    private @Nullable DataAccount account;

    /** Bytes that the account has not been told of, and those of them that are before no mark. */
    private int untold;

    private int unmarked;

    /** Bytes before each mark, since the one before. */
    private final IntRing marks = new IntRing();

    void account(DataAccount told) {
        account = told;
    }

    void add(int bytes) {
        untold += bytes;
        unmarked += bytes;
    }

    /** Everything flushed so far is with the socket, or not yet. */
    void flushed(PduWriter writer) {
        if (unmarked == 0) {
            return;
        }
        if (writer.isAllTaken()) {
            // Those of earlier marks are: their promises have been told during the flush that took them.
            int bytes = unmarked;
            unmarked = 0;
            tell(bytes);
        } else if (account != null) {
            mark(writer.promise());
        }
    }

    private void mark(ChannelPromise promise) {
        marks.add(unmarked);
        unmarked = 0;
        promise.addListener(this);
    }

    /** Also when writing failed: then the bytes are gone as well. */
    @Override
    public void operationComplete(ChannelFuture future) {
        if (!marks.isEmpty()) {
            tell(marks.remove());
        }
    }

    /** The connection is closed, and with it everything is gone. */
    void closed() {
        marks.clear();
        unmarked = 0;
        tell(untold);
    }

    private void tell(int bytes) {
        untold -= bytes;
        DataAccount told = account;
        if (told != null && bytes > 0) {
            told.sent(bytes);
        }
    }
}
