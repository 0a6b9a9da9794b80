package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Host and controller against each other, over every agreement: digests, alignments, R2T limits, fragmentation. */
class PumpedPairTest {

    record Case(Agreed agreed, Fragmentation fragmentation) {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        int[] alignments = {4, 12, 20, 100, 128};
        // Byte by byte is what the tests of single PDUs do; here it would take minutes.
        Fragmentation[] fragmentations = {Fragmentation.MESSAGES, Fragmentation.COALESCED, Fragmentation.RANDOM};
        for (int digests = 0; digests < 4; digests++) {
            for (int i = 0; i < alignments.length; i++) {
                for (int maxR2t : new int[] {0, 1, 3}) {
                    Agreed agreed = new Agreed(
                            (digests & 1) != 0,
                            (digests & 2) != 0,
                            alignments[i],
                            alignments[alignments.length - 1 - i],
                            maxR2t,
                            4096);
                    cases.add(new Case(agreed, fragmentations[(cases.size() + i) % fragmentations.length]));
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataArrivesBothWays(Case run) {
        try (EmbeddedHost host = new EmbeddedHost(run.agreed, run.fragmentation);
                EmbeddedController controller = new EmbeddedController(run.agreed, run.fragmentation)) {
            controller.queuePair.configure(new ControllerQueuePairParameters(true, 32, false, 8192));
            List<Capsule> capsules = new ArrayList<>();
            int[] lengths = {1, 3, 512, 4096, 8192, 8193, 20_001};
            for (int i = 0; i < lengths.length; i++) {
                capsules.add(Capsule.send(2 * i, EmbeddedPair.pattern(i, lengths[i])));
                capsules.add(Capsule.receive(2 * i + 1, lengths[i]));
            }
            capsules.forEach(host.queuePair::submit);

            int answered = 0;
            while (host.responses.size() < capsules.size()) {
                pump(host, controller);
                assertThat(controller.commands.size()).isGreaterThan(answered - 1);
                for (; answered < controller.commands.size(); answered++) {
                    ReceivedCommand command = controller.commands.get(answered);
                    controller.run(() -> answer(controller, command));
                }
                assertThat(host.end()).isNull();
                assertThat(controller.end()).isNull();
                pump(controller, host);
            }

            for (int i = 0; i < lengths.length; i++) {
                Capsule write = capsules.get(2 * i);
                Capsule read = capsules.get(2 * i + 1);
                assertThat(write.bytes).isEqualTo(lengths[i]);
                assertThat(write.error).isNull();
                assertThat(read.received).isEqualTo(EmbeddedPair.pattern(i, lengths[i]));
                assertThat(read.error).isNull();
            }
            assertThat(host.responses).allMatch(ResponseCapsule::isSuccess);
        }
    }

    private static void pump(EmbeddedPair from, EmbeddedPair to) {
        byte[] bytes = from.sent();
        for (byte[] piece : to.fragmentation.cut(List.of(bytes))) {
            if (piece.length > 0) {
                to.channel.writeInbound(EmbeddedPair.buffer(piece));
            }
        }
    }

    private static void answer(EmbeddedController controller, ReceivedCommand command) {
        int commandId = command.entry().commandId();
        int length = (int) command.dataLength();
        assertThat(command.validate().isSuccess()).isTrue();
        if (commandId % 2 != 0) {
            SendOutcome outcome = command.send(0, EmbeddedPair.buffer(EmbeddedPair.pattern(commandId / 2, length)));
            assertThat(outcome).isEqualTo(SendOutcome.COMPLETE_SUCCESS_SENT);
            return;
        }
        int[] left = {length};
        int part = Math.max(1, length / 5);
        for (int offset = 0; offset < length; offset += part) {
            int start = offset;
            int partLength = Math.min(part, length - offset);
            command.receive(start, partLength).subscribe(bytes -> {
                check(bytes, commandId / 2 + start);
                left[0] -= partLength;
                if (left[0] == 0) {
                    controller.queuePair.submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
                }
            });
        }
    }

    private static void check(ByteBuf bytes, int from) {
        byte[] received = new byte[bytes.readableBytes()];
        bytes.readBytes(received);
        bytes.release();
        assertThat(received).isEqualTo(EmbeddedPair.pattern(from, received.length));
    }
}
