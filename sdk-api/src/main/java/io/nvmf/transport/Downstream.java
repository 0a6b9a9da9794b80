package io.nvmf.transport;

import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;

/**
 * What a source can see of the operators below it. Reactor does not tell a source whether what it emitted has arrived,
 * but operators say in which state they are.
 */
final class Downstream {

    private Downstream() {}

    /**
     * Behind a change of threads a subscriber may have what it wants, and cancel, before the source's thread is back.
     */
    static boolean changesThread(Subscriber<?> actual) {
        Scannable below = Scannable.from(actual);
        return Stream.concat(Stream.of(below), below.actuals())
                .anyMatch(step -> step.scan(Attr.RUN_STYLE) == Attr.RunStyle.ASYNC);
    }

    /**
     * Whether what a source has emitted, and its completion, have certainly got past every operator that could have
     * dropped it: none is cancelled or takes from several sources, as {@code zip} and {@code firstWithValue} do, and
     * either the last is not Reactor's but the user's own, or it still waits for what the operators make of it. The
     * ends of Reactor that have ended, such as {@code block()}, cancel nothing that they have taken.
     */
    static boolean hasArrived(Subscriber<?> actual) {
        @Nullable Object above = null;
        @Nullable Object step = actual;
        while (step instanceof Scannable operator) {
            @Nullable Object parent = operator.scanUnsafe(Attr.PARENT);
            boolean onlySource = above == null ? parent != null : parent == above;
            if (!onlySource || operator.scanOrDefault(Attr.CANCELLED, false)) {
                return false;
            }
            above = step;
            step = operator.scanUnsafe(Attr.ACTUAL);
            if (step == null) {
                return !operator.scanOrDefault(Attr.TERMINATED, true);
            }
        }
        return !(step instanceof Future);
    }
}
