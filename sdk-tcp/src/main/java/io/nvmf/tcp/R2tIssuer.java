package io.nvmf.tcp;

import io.nvmf.transport.support.CallBacks;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a controller asks the host for the data of a receive. The receive gets a transfer tag and its R2T at
 * once, unless the command has MAXR2T+1 R2Ts open or no tag is free: then it waits, in order of arrival. Receives of a
 * command that is at its limit do not hold up others.
 *
 * <p>A tag is free again when the last of its data has come, even if nobody wants the data any more. H2CData that is
 * under way would otherwise end up in the memory of another receive. A host that has seen the response of a command
 * sends no more data for it. So a new command with the same identifier frees the tags that the old one left behind.
 */
final class R2tIssuer {

    private final TransferTags tags;
    private final long maxR2t;
    private final Consumer<H2cTransfer> request;
    private final ArrayDeque<H2cTransfer> waiting = new ArrayDeque<>();
    private int abandoned;
    private int open;

    /**
     * Creates the scheduler.
     *
     * @param tags where tags come from
     * @param maxR2t R2Ts that may be open per command, 0's based
     * @param request sends the R2T of a receive that has got its tag
     */
    R2tIssuer(TransferTags tags, long maxR2t, Consumer<H2cTransfer> request) {
        this.tags = tags;
        this.maxR2t = maxR2t;
        this.request = request;
    }

    void resize(int queueSize) {
        tags.resize(queueSize, maxR2t);
        next();
    }

    void add(H2cTransfer receive) {
        if (isEligible(receive)) {
            start(receive);
        } else {
            waiting.add(receive);
        }
    }

    /** Whether data is due that somebody waits for, be it only for the tag that comes free with it. */
    boolean isOpen() {
        return open > abandoned || !waiting.isEmpty();
    }

    /** The receive that a tag stands for, or null. */
    @Nullable
    H2cTransfer find(int tag) {
        return tags.find(tag);
    }

    /** The last data of a receive is in. */
    void done(H2cTransfer receive) {
        if (receive.isAbandoned()) {
            abandoned--;
        }
        free(receive);
        next();
    }

    /** Nobody wants the data any more. */
    void abandon(H2cTransfer receive) {
        if (receive.tag() == 0) {
            waiting.remove(receive);
        } else {
            abandoned++;
        }
    }

    /** A new command with this identifier has come: the host sends no more data for the old one. */
    void reused(int commandId) {
        if (abandoned == 0) {
            return;
        }
        for (int tag = 1; tag < tags.end(); tag++) {
            H2cTransfer receive = tags.find(tag);
            if (receive != null && receive.isAbandoned() && receive.command().commandId() == commandId) {
                abandoned--;
                free(receive);
            }
        }
        next();
    }

    void abortAll() {
        for (int tag = 1; tag < tags.end(); tag++) {
            H2cTransfer receive = tags.find(tag);
            if (receive != null) {
                CallBacks.guarded(receive::abort);
            }
        }
        H2cTransfer receive;
        while ((receive = waiting.poll()) != null) {
            CallBacks.guarded(receive::abort);
        }
    }

    private boolean isEligible(H2cTransfer receive) {
        return tags.isAvailable() && receive.command().openR2ts() <= maxR2t;
    }

    private void start(H2cTransfer receive) {
        open++;
        receive.command().openR2ts(1);
        receive.tag(tags.take(receive));
        request.accept(receive);
    }

    private void free(H2cTransfer receive) {
        open--;
        receive.command().openR2ts(-1);
        tags.giveBack(receive.tag());
    }

    private void next() {
        Iterator<H2cTransfer> candidates = waiting.iterator();
        while (candidates.hasNext() && tags.isAvailable()) {
            H2cTransfer receive = candidates.next();
            if (isEligible(receive)) {
                candidates.remove();
                start(receive);
            }
        }
    }
}
