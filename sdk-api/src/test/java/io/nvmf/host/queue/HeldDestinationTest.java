package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.host.queue.QueueFixture.Probe;
import org.junit.jupiter.api.Test;
import reactor.test.publisher.TestPublisher;

/** A caller's destination has a reference of the SDK from subscription until the peer can no longer touch it. */
class HeldDestinationTest {

    private final QueueFixture fixture = new QueueFixture(1);

    @Test
    void aDestinationIsHeldFromSubscriptionOn() {
        ByteBuf destination = Unpooled.buffer(16);
        Command command = Command.opcode(2).nsid(1).receiveInto(destination, 16);
        Probe undemanded = new Probe(0);
        fixture.queue.execute(command).subscribe(undemanded);
        assertThat(destination.refCnt()).isEqualTo(2);
        undemanded.cancel();
        assertThat(destination.refCnt()).isEqualTo(1);
        Probe first = fixture.execute(command);
        Probe waiting = fixture.execute(command);
        assertThat(destination.refCnt()).isEqualTo(3);
        waiting.cancel();
        fixture.loop.pump();
        assertThat(destination.refCnt()).isEqualTo(2);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(first.completes).isEqualTo(1);
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
        Probe late = fixture.execute(command);
        assertThat(late.error()).isInstanceOf(IllegalReferenceCountException.class);
    }

    @Test
    void destinationsOfAStreamAreHeldWhileTheyWait() {
        ByteBuf destination = Unpooled.buffer(16);
        Command command = Command.opcode(2).nsid(1).receiveInto(destination, 16);
        fixture.execute(named(1));
        Probe probe = new Probe(Long.MAX_VALUE);
        TestPublisher<Command> source = TestPublisher.create();
        fixture.queue.execute(source).subscribe(probe);
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        source.next(command);
        assertThat(destination.refCnt()).as("before the loop has seen it").isEqualTo(2);
        probe.cancel();
        fixture.loop.pump();
        assertThat(destination.refCnt()).isEqualTo(1);
        assertThat(fixture.pair.left).containsExactly(1);
        destination.release();
    }
}
