package io.nvmf.observation;

import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Hears of the operations of a client, see {@link io.nvmf.NvmeClient#observation(NvmeObserver)}. For each operation that
 * begins it says who hears the rest of it, or nobody. By default it hears of nothing, so an observer implements the
 * methods for what it is interested in.
 *
 * <p>An operation begins when somebody subscribes to its publisher, on the thread that subscribes; recoveries and
 * commands begin on event loops. What comes later comes on event loops, for one operation one call after the other, but a cancel may come from any thread. Nothing here may
 * block. Implementations should not throw: what a call throws is logged and changes nothing for the operation.
 */
public interface NvmeObserver {

    /**
     * A client connects. The operation lasts over all attempts of a {@linkplain
     * io.nvmf.recovery.Recovery#patientConnect() patient} one.
     *
     * @param operation what is known of it
     * @param context of the subscriber
     * @return who hears the rest, null for nobody
     */
    default @Nullable OperationObserver connect(ConnectOperation operation, ContextView context) {
        return null;
    }

    /**
     * A client reads the log page of a discovery controller.
     *
     * @param operation what is known of it
     * @param context of the subscriber
     * @return who hears the rest, null for nobody
     */
    default @Nullable OperationObserver discovery(DiscoveryOperation operation, ContextView context) {
        return null;
    }

    /**
     * An association has been lost or is being reset, and will be made anew. Nobody has subscribed to that, so there is
     * no context.
     *
     * @param operation what is known of it
     * @return who hears the rest, null for nobody
     */
    default @Nullable OperationObserver recovery(RecoveryOperation operation) {
        return null;
    }

    /**
     * A read or write stream begins.
     *
     * @param operation what is known of it
     * @param context of the subscriber
     * @return who hears the rest, null for nobody
     */
    default @Nullable OperationObserver transfer(TransferOperation operation, ContextView context) {
        return null;
    }

    /**
     * Whether this wants to hear of single commands, each of which costs something then. Asked when an association has
     * come up.
     *
     * @return false by default
     */
    default boolean observesCommands() {
        return false;
    }

    /**
     * A queue has accepted a command; only if {@link #observesCommands()}. On the event loop of the queue. Commands by
     * which a connection is set up are not told of, and neither are Keep Alive, Abort and Asynchronous Event Request. A
     * command that is sent again after its association was lost begins again.
     *
     * @param operation what is known of it
     * @param context of whoever waits for the command
     * @return who hears the rest, null for nobody
     */
    default @Nullable OperationObserver command(CommandOperation operation, ContextView context) {
        return null;
    }
}
