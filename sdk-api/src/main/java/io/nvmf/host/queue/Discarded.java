package io.nvmf.host.queue;

import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import io.nvmf.command.Command;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Signal;
import reactor.util.context.Context;
import reactor.util.function.Tuple2;

/**
 * Releases what operators discard: reference counted objects and commands, also within collections, arrays, tuples,
 * optionals and materialized signals. A hook that is there already is called first, and what it has released is left
 * alone.
 */
public final class Discarded {

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
                        .put(PRESENT, true);
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
