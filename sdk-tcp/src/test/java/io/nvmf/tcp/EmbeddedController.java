package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.ReceivedCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The controller's role in an embedded channel; the test is the host. */
final class EmbeddedController extends EmbeddedPair {

    final ControllerTcpQueuePair queuePair;
    final List<ReceivedCommand> commands = new ArrayList<>();
    boolean accepted;

    /** After the handshake, with unbounded demand. */
    EmbeddedController(Agreed agreed, Fragmentation fragmentation) {
        this(agreed, fragmentation, true);
        start();
        deliver(agreed.icReq());
        expect(agreed.icResp());
        assertThat(accepted).isTrue();
    }

    /** Before the handshake. */
    EmbeddedController(Agreed agreed, Fragmentation fragmentation, boolean subscribe) {
        super(agreed, fragmentation, UnpooledByteBufAllocator.DEFAULT);
        queuePair = new ControllerTcpQueuePair(channel, agreed.options(), queue -> {
            accepted = true;
            if (subscribe) {
                queue.commands().subscribe(commands::add);
            }
        });
        queuePair.termination().subscribe(ends::add);
        channel.pipeline().addLast(queuePair.connection());
    }

    void start() {
        queuePair.connection().start(Duration.ofSeconds(10));
    }

    /** As the test's host sends it. */
    void receive(TestPdu... pdus) {
        for (TestPdu pdu : pdus) {
            agreed.toController(pdu);
        }
        deliver(pdus);
    }

    /** Fails unless the host gets exactly this. */
    void expectSent(TestPdu... pdus) {
        for (TestPdu pdu : pdus) {
            agreed.toHost(pdu);
        }
        expect(pdus);
    }

    /** Receives a command whose data is not in the capsule. */
    ReceivedCommand command(int opcode, int commandId, long dataLength) {
        int before = commands.size();
        receive(TestPdu.capsuleCmd(opcode, commandId, dataLength));
        assertThat(commands).hasSize(before + 1);
        return commands.get(before);
    }

    @Override
    public void close() {
        commands.forEach(ReceivedCommand::release);
        super.close();
    }
}
