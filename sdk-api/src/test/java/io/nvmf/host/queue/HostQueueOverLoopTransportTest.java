package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.loop.LoopTransport;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** The queue over a real queue pair, with a controller that keeps one block per namespace. */
class HostQueueOverLoopTransportTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 500;

    private final Map<Integer, byte[]> blocks = new ConcurrentHashMap<>();

    @Test
    void streamOfWritesIsReadBack() {
        LoopTransport transport = new LoopTransport();
        TransportListener listener = transport
                .listen(TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), this::serve)
                .block(PATIENCE);
        HostQueuePair pair = transport
                .connect(TestQueuePairs.parameters(listener.address(), false, BLOCK)
                        .build())
                .block(PATIENCE);
        HostQueue queue = HostQueue.start(
                pair,
                new QueueParameters(1, 32, 0, 1024, PATIENCE, Schedulers.parallel(), (queueId, commandId, done) -> {
                    done.run();
                    return AbortSender.Ticket.NONE;
                }),
                new Failures());

        Flux<Command> writes = Flux.range(1, BLOCKS)
                .map(name -> Command.opcode(1)
                        .nsid(name)
                        .send(Unpooled.directBuffer(BLOCK).writeInt(name).writeZero(BLOCK - 4)));
        assertThat(queue.execute(writes).filter(Completion::isSuccess).count().block(PATIENCE))
                .isEqualTo(BLOCKS);

        Flux<Command> reads =
                Flux.range(1, BLOCKS).map(name -> Command.opcode(2).nsid(name).receive(BLOCK));
        Long right = queue.execute(reads)
                .map(HostQueueOverLoopTransportTest::holdsItsName)
                .filter(holds -> holds)
                .count()
                .block(PATIENCE);
        assertThat(right).isEqualTo(BLOCKS);

        ByteBuf destination = Unpooled.directBuffer(BLOCK);
        Completion completion = queue.execute(Command.opcode(2).nsid(7).receiveInto(destination, BLOCK))
                .block(PATIENCE);
        assertThat(completion.bytesTransferred()).isEqualTo(BLOCK);
        assertThat(destination.getInt(0)).isEqualTo(7);
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();

        queue.close().block(PATIENCE);
        listener.close().block(PATIENCE);
    }

    private static boolean holdsItsName(Completion completion) {
        ByteBuf data = completion.data();
        boolean holds = data.readableBytes() == BLOCK
                && data.getInt(0) == completion.command().nsid();
        completion.release();
        return holds;
    }

    private void serve(ControllerQueuePair pair) {
        pair.commands().subscribe(command -> serve(pair, command));
    }

    private void serve(ControllerQueuePair pair, ReceivedCommand command) {
        int commandId = command.entry().commandId();
        int name = command.entry().nsid();
        ResponseCapsule success = ResponseCapsule.of(commandId, 0, 0, 0, 0);
        if (command.entry().opcode() == 1) {
            command.receive(0, BLOCK).subscribe(data -> {
                byte[] block = new byte[BLOCK];
                data.readBytes(block).release();
                blocks.put(name, block);
                pair.submit(success);
                command.release();
            });
        } else {
            SendOutcome outcome = command.send(0, Unpooled.wrappedBuffer(blocks.get(name)));
            if (outcome == SendOutcome.COMPLETE) {
                pair.submit(success);
            }
            command.release();
        }
    }
}
