package io.nvmf.samples.webflux.transfer;

import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.samples.webflux.problem.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.springframework.http.HttpStatus;

/**
 * Which bytes uploads are changing, and the entity tags that follow from that. Thread safe, without locks.
 *
 * <p>A tag stands for the bytes of a namespace at a time: who has it may put together what was read before with what is
 * read now. That is true only if this gateway knows of every change. So there is no tag
 *
 * <ul>
 *   <li>unless nobody else writes ({@code gateway.exclusive}),
 *   <li>for a namespace without an identity of its own,
 *   <li>while an upload to the namespace is under way,
 *   <li>for some time after an upload that ended with writes that may still be carried out.
 * </ul>
 *
 * <p>A download that runs while an upload does may see both the old and the new; namespaces have no snapshots.
 */
public final class Writes {

    /** Longer than it takes a controller to notice that a host is gone, with twice the default keep alive timeout. */
    private static final Duration SETTLING = Duration.ofSeconds(30);

    private final boolean exclusive;
    private final Clock clock;
    /** Tags of one run of the gateway say nothing about another. */
    private final String run;

    private final Map<Integer, AtomicReference<State>> namespaces = new ConcurrentHashMap<>();

    /**
     * Creates the books.
     *
     * @param exclusive whether nobody else writes
     * @param clock for the run and for what has to settle
     */
    public Writes(boolean exclusive, Clock clock) {
        this.exclusive = exclusive;
        this.clock = clock;
        this.run = Long.toString(clock.millis(), Character.MAX_RADIX);
    }

    /**
     * The entity tag of a namespace.
     *
     * @param namespace which
     * @return a strong tag with its quotes, or empty where none would be honest
     */
    public Optional<String> tag(NvmeNamespace namespace) {
        return tag(namespace, latest(state(namespace)));
    }

    private Optional<String> tag(NvmeNamespace namespace, State state) {
        boolean known = exclusive
                && !namespace.identity().isEmpty()
                && state.active.isEmpty()
                && !clock.instant().isBefore(state.settled);
        if (!known) {
            return Optional.empty();
        }
        int identity = 31 * namespace.identity().hashCode() + Long.hashCode(namespace.size());
        return Optional.of('"' + Integer.toHexString(identity) + '-' + run + '-' + state.version + '"');
    }

    /**
     * Begins a write.
     *
     * @param namespace to which
     * @param offset first byte
     * @param length number of bytes
     * @param condition what has to be true of the namespace's tag; looked at together with what is under way
     * @return the write, to be ended
     * @throws Refusal with 409 if another write is changing one of the blocks, with 412 if the condition is not met
     */
    public Write begin(NvmeNamespace namespace, long offset, long length, Predicate<Optional<String>> condition) {
        AtomicReference<State> reference = state(namespace);
        long first = offset - offset % namespace.blockSize();
        long end = offset + length;
        // whole blocks, because the first and the last are read, changed and written back
        ByteRange blocks = new ByteRange(
                first,
                Math.max(1, (end - first + namespace.blockSize() - 1) / namespace.blockSize() * namespace.blockSize()));
        State before;
        do {
            before = latest(reference);
            if (!condition.test(tag(namespace, before))) {
                throw Refusal.of(
                        HttpStatus.PRECONDITION_FAILED, "the namespace is not in the state that was asked for");
            }
            for (ByteRange other : before.active) {
                if (other.offset() < blocks.end() && blocks.offset() < other.end()) {
                    throw Refusal.of(HttpStatus.CONFLICT, "another upload is changing the bytes " + other);
                }
            }
        } while (!reference.compareAndSet(before, before.with(blocks)));
        return new Write(reference, blocks);
    }

    private static State latest(AtomicReference<State> reference) {
        return Objects.requireNonNull(reference.get());
    }

    private AtomicReference<State> state(NvmeNamespace namespace) {
        return namespaces.computeIfAbsent(
                namespace.id(), nsid -> new AtomicReference<>(new State(0, List.of(), Instant.MIN)));
    }

    private record State(long version, List<ByteRange> active, Instant settled) {

        State with(ByteRange blocks) {
            List<ByteRange> more = new ArrayList<>(active);
            more.add(blocks);
            return new State(version + 1, more, settled);
        }

        State without(ByteRange blocks, Instant settledAgain) {
            List<ByteRange> rest = new ArrayList<>(active);
            rest.remove(blocks);
            return new State(version + 1, rest, settledAgain.isAfter(settled) ? settledAgain : settled);
        }
    }

    /** A write that is under way. */
    public final class Write {

        private final AtomicReference<State> reference;
        private final ByteRange blocks;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Write(AtomicReference<State> reference, ByteRange blocks) {
            this.reference = reference;
            this.blocks = blocks;
        }

        /** What was written is known. Of several calls to end this the first counts. */
        public void complete() {
            end(Instant.MIN);
        }

        /** The write ended early, and some of it may be carried out yet. */
        public void abandon() {
            end(clock.instant().plus(SETTLING));
        }

        private void end(Instant settled) {
            if (ended.compareAndSet(false, true)) {
                UnaryOperator<State> change = state -> state.without(blocks, settled);
                reference.updateAndGet(change);
            }
        }
    }
}
