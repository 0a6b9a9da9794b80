package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.testing.Recorder;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A command chooses its queue when it is dispatched. */
class QueueChoiceTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;

    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(64).queues(3).build();

    private <T> Recorder<T> run(Flux<T> commands) {
        Recorder<T> recorder = new Recorder<>(Long.MAX_VALUE);
        commands.subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    @Test
    void repeatedCommandTakesQueuesInTurn() {
        Recorder<Void> flushes = run(fixture.namespace.flush().repeat(5));
        assertThat(flushes.completes).isOne();
        assertThat(fixture.sent()).containsExactly(2, 2, 2);
    }

    @Test
    void eachSubscriptionOfAReadTakesAnotherQueue() {
        Mono<ByteBuf> read = fixture.namespace.read(0, 1);
        for (List<Integer> sent : List.of(List.of(1, 0, 0), List.of(1, 1, 0), List.of(1, 1, 1), List.of(2, 1, 1))) {
            run(read.flux()).elements.forEach(ByteBuf::release);
            assertThat(fixture.sent()).isEqualTo(sent);
        }
    }

    @Test
    void publishersThatNobodySubscribesToTakeNoTurn() {
        fixture.namespace.read(0, 1);
        fixture.namespace.flush();
        fixture.namespace.readStream(0, BLOCK);
        run(fixture.namespace.flush().flux());
        assertThat(fixture.sent()).containsExactly(1, 0, 0);
    }

    @Test
    void readWithoutDemandTakesNoTurn() {
        Recorder<ByteBuf> read = new Recorder<>(0);
        fixture.namespace.read(0, 1).subscribe(read);
        run(fixture.namespace.flush().flux());
        assertThat(fixture.sent()).containsExactly(1, 0, 0);
        read.request(1);
        fixture.pump();
        assertThat(fixture.sent()).containsExactly(1, 1, 0);
        read.elements.forEach(ByteBuf::release);
    }

    @Test
    void readCancelledBeforeItIsAskedForTakesNoTurn() {
        Recorder<ByteBuf> read = new Recorder<>(0);
        fixture.namespace.read(0, 1).subscribe(read);
        read.cancel();
        read.request(1);
        run(fixture.namespace.flush().flux());
        assertThat(fixture.sent()).containsExactly(1, 0, 0);
    }

    @Test
    void refusedCommandTakesNoTurn() {
        assertThat(run(fixture.namespace.read(64, 1).flux()).errors).hasSize(1);
        run(fixture.namespace.flush().flux());
        assertThat(fixture.sent()).containsExactly(1, 0, 0);
    }

    /** Another thread cancels while the queue is being chosen: nothing leaves, and the data comes back. */
    @Test
    void commandCancelledWhileItsQueueIsChosenDoesNotLeave() {
        Recorder<Void> write = new Recorder<>(1);
        DefaultNamespace namespace = new DefaultNamespace(
                7,
                fixture.namespace.identify(),
                new NamespaceParameters(0, false),
                new QueueSelector() {
                    @Override
                    public HostQueue next() {
                        write.cancel();
                        return fixture.queue;
                    }

                    @Override
                    public List<HostQueue> forStream(int most) {
                        throw new AssertionError("this is no stream");
                    }
                },
                new Failures());
        namespace.write(0, fixture.data(BLOCK)).subscribe(write);
        fixture.pump();
        assertThat(fixture.sent()).containsExactly(0, 0, 0);
        assertThat(fixture.usedMemory()).isZero();
        assertThat(write.isDone()).isFalse();
    }

    /** The cancel finds the command on the queue that it went to. */
    @Test
    void commandIsCancelledOnItsQueue() {
        fixture.hold();
        run(fixture.namespace.flush().flux());
        Recorder<Void> second = run(fixture.namespace.flush().flux());
        assertThat(fixture.sent()).containsExactly(1, 1, 0);
        second.cancel();
        fixture.pump();
        assertThat(fixture.aborted).hasSize(1);
        fixture.answerAll();
        assertThat(second.isDone()).isFalse();
    }
}
