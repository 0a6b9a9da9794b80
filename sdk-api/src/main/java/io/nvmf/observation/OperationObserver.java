package io.nvmf.observation;

import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * Hears of one operation, from its beginning, which is when {@link NvmeObserver} made this, to its end. The calls come
 * one after the other. The numbers of the operation are up to date in each of them.
 */
public interface OperationObserver {

    /**
     * The context of everything that belongs to the operation: the source of a write stream, and the commands that are
     * sent. Asked once, at the beginning.
     *
     * @param context of the subscriber
     * @return the same one by default
     */
    default Context context(Context context) {
        return context;
    }

    /**
     * Something has happened on the way.
     *
     * @param event what
     */
    default void event(OperationEvent event) {}

    /**
     * The operation is over. Called once, and nothing follows.
     *
     * @param outcome how it has ended
     * @param failure why it failed; null unless it did
     */
    void end(OperationOutcome outcome, @Nullable Throwable failure);
}
