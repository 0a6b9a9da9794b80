package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.security.TlsPsk;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.tls.KeyUpdates;
import io.nvmf.tcp.tls.TlsHandler;
import io.nvmf.tcp.tls.TlsListener;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Host and controller against each other over TLS, with new keys between any two pieces. */
class PumpedTlsPairTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int[] LENGTHS = {1, 512, 4096, 8193, 20_001, 300_000};

    /** Starts the queue pair of a host behind TLS; that of a controller has been started. */
    private record Starting(Runnable whenSecured) implements TlsListener {

        @Override
        public void secured(String identity) {
            whenSecured.run();
        }

        @Override
        public void failed(Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(Agreed.PLAIN, Agreed.DIGESTS)
                .flatMap(agreed -> Stream.of(Fragmentation.COALESCED, Fragmentation.RANDOM)
                        .map(fragmentation -> Arguments.of(agreed, fragmentation)));
    }

    private static void pump(EmbeddedPair from, EmbeddedPair to) {
        byte[] bytes = from.sent();
        for (byte[] piece : to.fragmentation.cut(List.of(bytes))) {
            if (piece.length > 0) {
                to.channel.writeInbound(EmbeddedPair.buffer(piece));
            }
        }
        to.channel.runPendingTasks();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dataArrivesBothWaysWhateverTheKeys(Agreed agreed, Fragmentation fragmentation) {
        try (TlsPsk psk = OverTls.key();
                EmbeddedHost host = new EmbeddedHost(agreed, fragmentation, 8192);
                EmbeddedController controller = new EmbeddedController(agreed, fragmentation, true)) {
            controller.channel.pipeline().addFirst(TlsHandler.server(identity -> psk, TIMEOUT, new Starting(() -> {})));
            controller.start();
            host.channel.pipeline().addFirst(TlsHandler.client(List.of(psk), TIMEOUT, new Starting(host::start)));
            for (int round = 0; round < 5; round++) {
                pump(host, controller);
                pump(controller, host);
            }
            assertThat(host.initialized).isTrue();
            host.queuePair.responses().subscribe(host.responses::add);
            controller.queuePair.configure(new ControllerQueuePairParameters(true, 32, false, 8192));

            transfer(host, controller);

            assertThat(host.responses).allMatch(ResponseCapsule::isSuccess);
            assertThat(host.end()).isNull();
            assertThat(controller.end()).isNull();
        }
    }

    private static void transfer(EmbeddedHost host, EmbeddedController controller) {
        List<Capsule> capsules = new ArrayList<>();
        for (int i = 0; i < LENGTHS.length; i++) {
            capsules.add(Capsule.send(2 * i, EmbeddedPair.pattern(i, LENGTHS[i])));
            capsules.add(Capsule.receive(2 * i + 1, LENGTHS[i]));
        }
        capsules.forEach(host.queuePair::submit);
        int answered = 0;
        int rounds = 0;
        while (host.responses.size() < capsules.size()) {
            assertThat(rounds++).isLessThan(1000);
            EmbeddedPair updating = rounds % 2 == 0 ? host : controller;
            boolean both = rounds % 4 < 2;
            updating.run(() -> KeyUpdates.make(updating.channel.pipeline(), both));
            pump(host, controller);
            for (; answered < controller.commands.size(); answered++) {
                ReceivedCommand command = controller.commands.get(answered);
                controller.run(() -> answer(controller, command));
            }
            pump(controller, host);
        }
        for (int i = 0; i < LENGTHS.length; i++) {
            assertThat(capsules.get(2 * i).bytes).isEqualTo(LENGTHS[i]);
            assertThat(capsules.get(2 * i).error).isNull();
            assertThat(capsules.get(2 * i + 1).error).isNull();
            assertThat(capsules.get(2 * i + 1).received).isEqualTo(EmbeddedPair.pattern(i, LENGTHS[i]));
        }
    }

    private static void answer(EmbeddedController controller, ReceivedCommand command) {
        int commandId = command.entry().commandId();
        int length = (int) command.dataLength();
        if (commandId % 2 != 0) {
            assertThat(command.send(0, EmbeddedPair.buffer(EmbeddedPair.pattern(commandId / 2, length))))
                    .isEqualTo(SendOutcome.COMPLETE_SUCCESS_SENT);
            return;
        }
        command.receive(0, length).subscribe(bytes -> {
            check(bytes, commandId / 2, length);
            controller.queuePair.submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
        });
    }

    private static void check(ByteBuf bytes, int from, int length) {
        byte[] received = ByteBufUtil.getBytes(bytes);
        bytes.release();
        assertThat(received).isEqualTo(EmbeddedPair.pattern(from, length));
    }
}
