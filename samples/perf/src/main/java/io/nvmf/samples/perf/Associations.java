package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The associations of a run: connected some at a time, measured while they have nothing to do, closed together. */
final class Associations implements AutoCloseable {

    /** How many are connected, or closed, at a time. */
    private static final int AT_A_TIME = 32;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE_FOR_EACH = Duration.ofMillis(100);

    private final NvmeClient client;
    private final TargetAddress target;
    private final Duration patience;
    private final Queue<NvmeController> connected = new ConcurrentLinkedQueue<>();

    /**
     * One of them.
     *
     * @param controller its controller
     * @param namespace the namespace to put load on
     */
    record Attached(NvmeController controller, NvmeNamespace namespace) {}

    /**
     * All of them.
     *
     * @param attached one at least
     * @param setUp what it took, null for one alone
     */
    record Connected(List<Attached> attached, @Nullable SetUp setUp) {}

    /** None yet, and at most a number of them. */
    Associations(NvmeClient client, TargetAddress target, int most) {
        this.client = client;
        this.target = target;
        this.patience = PATIENCE.plus(PATIENCE_FOR_EACH.multipliedBy(most));
    }

    /** The first alone, as it pays for what all share: memory of the event loops, classes that are loaded. */
    Connected connect(int count) {
        long begin = System.nanoTime();
        Attached first = Objects.requireNonNull(attach().block(patience));
        if (count == 1) {
            return new Connected(List.of(first), null);
        }
        long firstNanos = System.nanoTime() - begin;
        Footprint one = Footprint.now();
        begin = System.nanoTime();
        List<Attached> others = Objects.requireNonNull(Flux.range(1, count - 1)
                .flatMap(ignored -> attach(), AT_A_TIME)
                .collectList()
                .block(patience));
        long othersNanos = System.nanoTime() - begin;
        Footprint all = Footprint.now();
        List<Attached> attached = new ArrayList<>(count);
        attached.add(first);
        attached.addAll(others);
        return new Connected(attached, new SetUp(firstNanos + othersNanos, all.perAssociation(one, count - 1)));
    }

    private Mono<Attached> attach() {
        return client.connect()
                .doOnNext(connected::add)
                .flatMap(controller -> controller
                        .namespace(target.namespaceId())
                        .map(namespace -> new Attached(controller, namespace)));
    }

    @Override
    public void close() {
        Flux.fromIterable(connected).flatMap(NvmeController::close, AT_A_TIME).blockLast(patience);
    }
}
