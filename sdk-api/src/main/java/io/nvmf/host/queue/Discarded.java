package io.nvmf.host.queue;

import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import io.nvmf.command.Command;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Signal;
import reactor.util.context.Context;
import reactor.util.function.Tuple2;

/**
 * Releases what operators discard or drop: reference counted objects and commands, also within collections, arrays, tuples,
 * optionals and materialized signals. A hook that is there already is called first, and what it has released is left
 * alone.
 */
public final class Discarded {

    /** Where Reactor looks for the hook of one chain for elements that come too late. */
    private static final String DROPPED = "reactor.onNextDropped.local";

    /** The key that marks a context with the hook of this class. */
    private static final Object PRESENT = Discarded.class;

    private Discarded() {}

    /**
     * A context whose discard hook releases.
     *
     * @param context of the subscriber; its discard hook, if any, is called first
     * @return the context for the operators above; the same one if it has this hook
     */
    public static Context releasedIn(Context context) {
        return context.hasKey(PRESENT)
                ? context
                : Operators.enableOnDiscard(context, element -> discarded(element, context))
                        .put(DROPPED, (Consumer<Object>) element -> dropped(element, context))
                        .put(PRESENT, true);
    }

    /** An element has come after the end; the hook that was there may throw, which is for the caller. */
    private static void dropped(Object element, Context others) {
        int before = element instanceof ReferenceCounted counted ? counted.refCnt() : 0;
        try {
            Operators.onNextDropped(element, others);
        } finally {
            if (!(element instanceof ReferenceCounted counted) || counted.refCnt() == before) {
                release(element);
            }
        }
    }

    private static void discarded(Object element, Context others) {
        if (element instanceof ReferenceCounted counted) {
            int before = counted.refCnt();
            Operators.onDiscard(element, others);
            if (counted.refCnt() == before) {
                release(counted);
            }
        } else {
            Operators.onDiscard(element, others);
            release(element);
        }
    }

    /**
     * Releases an object, unless that has been done.
     *
     * @param element anything; what has nothing to release is left alone
     */
    public static void release(@Nullable Object element) {
        if (element instanceof ReferenceCounted counted) {
            if (counted.refCnt() > 0) {
                ReferenceCountUtil.safeRelease(counted);
            }
        } else if (element instanceof Command command) {
            CommandMemory.discard(command);
        } else if (element instanceof Collection<?> many) {
            many.forEach(Discarded::release);
        } else if (element instanceof Tuple2<?, ?> tuple) {
            tuple.forEach(Discarded::release);
        } else if (element instanceof Object[] many) {
            for (Object one : many) {
                release(one);
            }
        } else if (element instanceof Map<?, ?> map) {
            map.values().forEach(Discarded::release);
        } else if (element instanceof Optional<?> maybe) {
            maybe.ifPresent(Discarded::release);
        } else if (element instanceof Signal<?> signal) {
            release(signal.get());
        }
    }
}
