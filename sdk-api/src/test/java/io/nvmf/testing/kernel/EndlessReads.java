package io.nvmf.testing.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Readers of a slow namespace that go on until the connection ends, each with one command at a time. */
public final class EndlessReads {

    private static final int BLOCKS = 8;

    private final int readers;
    private final int slots;
    private final AtomicInteger answered = new AtomicInteger();
    private final Mono<List<Throwable>> failures;
    private final int answeredBefore;

    /**
     * Starts them, and returns when every slot that they use has had an answer.
     *
     * @param slots how many of the readers have a slot for their command; the others wait
     */
    public EndlessReads(NvmeNamespace slow, int readers, int slots) {
        this.readers = readers;
        this.slots = slots;
        failures = Flux.range(0, readers)
                .flatMap(reader -> untilItFails(slow.read((long) reader * BLOCKS, BLOCKS)), readers)
                .collectList()
                .cache();
        failures.subscribe();
        await().atMost(LIMIT).until(() -> answered.get() >= slots);
        answeredBefore = answered.get();
    }

    private Mono<Throwable> untilItFails(Mono<ByteBuf> read) {
        return read.doOnNext(ByteBuf::release)
                .doOnNext(data -> answered.incrementAndGet())
                .repeat()
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just);
    }

    /**
     * Waits until all have failed, and checks that the connection ended in the middle of their commands. A command that was
     * answered while the connection was cut may have been the last of its slot: the next one did not leave any more.
     *
     * @return what one of them says
     */
    public String assertCutUnderWay() {
        List<Throwable> ended = Hosts.await(failures);
        assertThat(ended)
                .hasSize(readers)
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(NvmeConnectionException.class));
        List<CommandOutcome> outcomes = ended.stream()
                .map(failure -> ((NvmeConnectionException) failure).outcome())
                .toList();
        assertThat(outcomes).isSubsetOf(CommandOutcome.UNKNOWN, CommandOutcome.NOT_SENT);
        assertThat(outcomes)
                .filteredOn(outcome -> outcome == CommandOutcome.UNKNOWN)
                .hasSizeBetween(Math.max(1, slots - (answered.get() - answeredBefore)), slots);
        return ended.get(0).getMessage();
    }
}
