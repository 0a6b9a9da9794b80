package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.ReceivedCommand;

/** The list of a Dataset Management on its way from the host; its memory counts until the command is done. */
final class RangeList extends WholeTransfer {

    private final Namespace namespace;
    private final Action action;

    /** What is done with the list. */
    interface Action {

        /**
         * The list is there.
         *
         * @param list lent for this call
         * @param end to be told when the command is done
         */
        void run(ByteBuf list, RangeOperation.End end);
    }

    RangeList(
            TargetQueue queue, ReceivedCommand command, int commandId, Namespace namespace, int length, Action action) {
        super(queue, command, commandId, length);
        this.namespace = namespace;
        this.action = action;
    }

    @Override
    Namespace namespace() {
        return namespace;
    }

    /** It is among those that wait until its list is there. */
    @Override
    void received(ByteBuf list) {
        queue.waiting().remove(this);
        try {
            action.run(list, this::answer);
        } finally {
            list.release();
        }
    }
}
