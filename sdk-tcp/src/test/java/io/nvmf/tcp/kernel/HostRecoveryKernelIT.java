package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.namespace.NamespaceIdentity;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.GuestTarget;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RecoveredHost;
import io.nvmf.testing.kernel.Sha256;
import io.nvmf.testing.kernel.StreamedRead;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The kernel's controller goes away and comes back in several ways, and our host goes on with what it was doing. */
class HostRecoveryKernelIT {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.recovery";
    private static final UUID IDENTITY = UUID.fromString("6a1d2f0e-98b7-4c3d-8e5f-0123456789ab");
    private static final UUID OTHER_IDENTITY = UUID.fromString("0b2c3d4e-5f60-4718-92a3-fedcba987654");

    private static final int BLOCK = 4096;
    private static final int LENGTH = 32 << 20;
    private static final int PIECE = 128 << 10;

    /** Commands under way at once. */
    private static final int COMMANDS = 8;

    private static final Duration SLOW = Duration.ofMillis(500);

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);
    private final GuestTarget target = new GuestTarget(lab, TransportType.TCP, NQN);

    @BeforeEach
    void addSubsystem() {
        target.removeAll();
        target.add();
    }

    @AfterEach
    void removeSubsystem() {
        target.removeAll();
    }

    @Test
    void streamsOutliveAPortThatIsDisabledAndEnabled() {
        // Slow, so that a stream is still under way when the guest has been told to take the port away.
        target.addNamespace(1, target.disk("test-disk", LENGTH >> 20, Duration.ofMillis(100)), IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            MessageDigest sent = Sha256.digest();
            AtomicLong written = new AtomicLong();
            long began = System.nanoTime();
            Mono<TransferProgress> write = namespace
                    .writeStream(0, content(sent))
                    .doOnNext(progress -> written.set(progress.bytesAcknowledged()))
                    .last()
                    .cache();
            write.subscribe();
            await().atMost(LIMIT).until(() -> written.get() >= LENGTH / 4);
            long before = written.get();
            target.disablePort();
            host.awaitFailedAttempts(1);
            target.enablePort();

            TransferProgress progress = Hosts.await(write);
            long writeEnded = System.nanoTime();

            assertThat(before).isLessThan(LENGTH);
            assertThat(progress.bytesWritten()).isEqualTo(LENGTH);
            assertThat(progress.durable()).isTrue();
            assertThat(progress.peakBytesInFlight()).isLessThanOrEqualTo(progress.limitBytes());
            assertThat(host.generation()).isEqualTo(2);
            String expected = Sha256.of(sent);

            long readBegan = System.nanoTime();
            StreamedRead read = new StreamedRead(namespace, LENGTH);
            read.awaitBytes(LENGTH / 4);
            target.disablePort();
            assertThat(read.bytes()).isLessThan(LENGTH);
            await().atMost(LIMIT).until(() -> !host.controller.isConnected());
            target.enablePort();
            String received = read.sha256();
            long readEnded = System.nanoTime();

            assertThat(read.bytes()).isEqualTo(LENGTH);
            assertThat(received).isEqualTo(expected);
            assertThat(host.generation()).isEqualTo(3);
            REPORT.note("32 MiB each way, 3 associations, SHA-256 of what is read equal; write "
                    + millis(began, writeEnded) + ", read " + millis(readBegan, readEnded));
        }
    }

    @Test
    void subsystemThatIsRemovedAndAddedAgainIsTheSame() {
        String disk = target.disk("test-disk", 16, Duration.ZERO);
        target.addNamespace(1, disk, IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            NamespaceIdentity identity = namespace.identity();
            byte[] content = content(1, BLOCK);
            namespace.write(5, Unpooled.wrappedBuffer(content)).block(LIMIT);

            target.remove();
            ControllerState.Reconnecting refused = host.awaitFailedAttempts(2);
            assertThat(host.controller.isConnected()).isFalse();
            Mono<byte[]> waiting =
                    namespace.read(5, 1).map(HostRecoveryKernelIT::bytes).cache();
            waiting.subscribe();
            target.add();
            target.addNamespace(1, disk, IDENTITY);
            target.publish();

            host.awaitGeneration(2);
            assertThat(refused.reason())
                    .hasValueSatisfying(reason -> assertThat(reason)
                            .isInstanceOfSatisfying(
                                    NvmeStatusException.class,
                                    answer ->
                                            assertThat(answer.fromController()).isTrue()));
            assertThat(Hosts.await(waiting)).isEqualTo(content);
            assertThat(identity.uuid()).contains(IDENTITY);
            NvmeNamespace again = namespace(host.controller, 1);
            assertThat(again.identity()).isEqualTo(identity);
            byte[] later = content(2, BLOCK);
            namespace.write(6, Unpooled.wrappedBuffer(later)).block(LIMIT);
            assertThat(bytes(Hosts.await(again.read(6, 1)))).isEqualTo(later);
            REPORT.note(refused.reason().orElseThrow().getMessage());
        }
    }

    @Test
    void commandsUnderWayOutliveANetworkThatIsGoneForLongerThanTheKeepAliveTimeout() {
        target.addNamespace(1, target.disk("test-disk", 16, SLOW), IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            byte[] before = content(3, COMMANDS * BLOCK);
            namespace.write(0, Unpooled.wrappedBuffer(before)).block(LIMIT);
            // Several rounds, so that some commands are under way whenever the network goes.
            AtomicInteger reads = new AtomicInteger();
            Mono<Void> reading = Flux.range(0, COMMANDS)
                    .flatMap(
                            block -> namespace
                                    .read(block, 1)
                                    .doOnNext(data -> assertThat(bytes(data))
                                            .isEqualTo(Arrays.copyOfRange(before, block * BLOCK, (block + 1) * BLOCK)))
                                    .doOnNext(data -> reads.incrementAndGet())
                                    .repeat(() -> host.generation() < 2),
                            COMMANDS)
                    .then()
                    .cache();
            AtomicInteger writes = new AtomicInteger();
            Mono<Void> writing = Flux.range(0, COMMANDS)
                    .flatMap(
                            block -> Mono.defer(() -> namespace.write(
                                            COMMANDS + block, Unpooled.wrappedBuffer(content(block, BLOCK))))
                                    .doOnSuccess(done -> writes.incrementAndGet())
                                    .repeat(() -> host.generation() < 2),
                            COMMANDS)
                    .then()
                    .cache();
            reading.subscribe();
            writing.subscribe();
            await().atMost(LIMIT).until(() -> reads.get() >= COMMANDS && writes.get() >= COMMANDS);

            long began = System.nanoTime();
            downUntilTheKeepAliveTimerExpires();
            host.awaitState(ControllerState.Reconnecting.class, state -> true);
            long noticed = System.nanoTime();
            host.awaitGeneration(2);
            long live = System.nanoTime();
            reading.block(LIMIT);
            writing.block(LIMIT);

            assertThat(log.lines())
                    .as("the kernel")
                    .anyMatch(line -> line.contains("keep-alive timer (2 seconds) expired"));
            for (int block = 0; block < COMMANDS; block++) {
                assertThat(bytes(Hosts.await(namespace.read(COMMANDS + block, 1))))
                        .as("block %d", block)
                        .isEqualTo(content(block, BLOCK));
            }
            assertThat(host.generation()).isEqualTo(2);
            REPORT.note("KATO 2 s, noticed after " + (noticed - began) / 1_000_000 + " ms, live after "
                    + (live - began) / 1_000_000 + " ms, " + reads + " reads and " + writes + " writes");
        }
    }

    @Test
    void resetMakesANewAssociationAndKeepsWhatIsUnderWay() {
        target.addNamespace(1, target.disk("test-disk", 16, SLOW), IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            Mono<List<byte[]>> reads = Flux.range(0, COMMANDS)
                    .flatMap(block -> namespace.read(block, 1).map(HostRecoveryKernelIT::bytes), COMMANDS)
                    .collectList()
                    .cache();
            Mono<Void> write = namespace
                    .write(COMMANDS, Unpooled.wrappedBuffer(content(4, BLOCK)))
                    .cache();
            reads.subscribe();
            write.subscribe();
            // The admin queue answers: by now the others are out, but the kernel may get to them after the reset.
            Hosts.await(host.controller.smartHealth());

            host.controller.reset().block(LIMIT);

            assertThat(host.generation()).isEqualTo(2);
            assertThat(host.states()).anyMatch(ControllerState.Resetting.class::isInstance);
            assertThat(Hosts.await(reads)).hasSize(COMMANDS);
            write.block(LIMIT);
            assertThat(bytes(Hosts.await(namespace.read(COMMANDS, 1)))).isEqualTo(content(4, BLOCK));
            Hosts.await(namespace(host.controller, 1).read(0, 1)).release();
            log.assertNoComplaint("nvmet_tcp: failed cmd");
        }
    }

    @Test
    void anotherNamespaceUnderTheSameNsidIsRefused() {
        target.addNamespace(1, target.disk("test-disk", 16, Duration.ZERO), IDENTITY);
        target.publish();
        String other = target.disk("test-other", 16, Duration.ZERO);
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            namespace.write(0, Unpooled.wrappedBuffer(content(5, 16 * BLOCK))).block(LIMIT);
            String untouched = target.sha256(other, 1 << 20);

            target.withdraw();
            await().atMost(LIMIT).until(() -> !host.controller.isConnected());
            Mono<Throwable> waiting = namespace
                    .write(0, Unpooled.wrappedBuffer(content(6, 16 * BLOCK)))
                    .then(Mono.<Throwable>empty())
                    .onErrorResume(Mono::just)
                    .cache();
            waiting.subscribe();
            target.removeNamespace(1);
            target.addNamespace(1, other, OTHER_IDENTITY);
            target.publish();
            host.awaitGeneration(2);

            isRefused(Hosts.await(waiting));
            isRefused(catchThrowable(() -> namespace.read(0, 1).block(LIMIT)));
            assertThat(target.sha256(other, 1 << 20)).isEqualTo(untouched);
            NvmeNamespace opened = namespace(host.controller, 1);
            assertThat(opened.identity().uuid()).contains(OTHER_IDENTITY);
            assertThat(bytes(Hosts.await(opened.read(0, 1)))).isEqualTo(new byte[BLOCK]);
            isRefused(catchThrowable(() -> namespace.read(0, 1).block(LIMIT)));
            REPORT.note(Hosts.await(waiting).getMessage());
        }
    }

    @Test
    void namespaceThatIsInactiveAfterwardsDoesNotKeepTheOthersAway() {
        target.addNamespace(1, target.disk("test-disk", 16, Duration.ZERO), IDENTITY);
        target.addNamespace(2, target.disk("test-other", 16, Duration.ZERO), OTHER_IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace there = namespace(host.controller, 1);
            NvmeNamespace away = namespace(host.controller, 2);
            target.withdraw();
            target.enableNamespace(2, false);
            target.publish();
            host.awaitGeneration(2);

            Hosts.await(there.read(0, 1)).release();
            isRefused(catchThrowable(() -> away.read(0, 1).block(LIMIT)));

            target.enableNamespace(2, true);
            host.awaitEvents(NamespacesChanged.class, event -> event.added().equals(List.of(2)), 1);
            Hosts.await(away.read(0, 1)).release();
        }
    }

    private static void isRefused(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
            assertThat(refused.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
            assertThat(refused.fromController()).isFalse();
            assertThat(refused.outcome()).isEqualTo(CommandOutcome.NOT_SENT);
            assertThat(refused).hasMessageContaining(OTHER_IDENTITY.toString());
        });
    }

    /**
     * Takes the guest's network away until its kernel says that the keep alive timer of a controller has expired. The guest
     * gives it back by itself, for nobody can tell it to; after half a minute in any case.
     */
    private void downUntilTheKeepAliveTimerExpires() {
        lab.succeed("""
                {
                  usleep 300000
                  ip link set eth0 down
                  n=0
                  until [ $n -ge 150 ] || dmesg | tail -n 5 | grep -q 'keep-alive timer.*expired'; do
                    n=$((n + 1))
                    usleep 200000
                  done
                  ip link set eth0 up
                  ip route add default via 10.0.2.2
                } >/dev/null 2>&1 &
                """, LIMIT);
    }

    private static String millis(long from, long to) {
        return (to - from) / 1_000_000 + " ms";
    }

    /** Random data of the length of the disk. */
    private static Flux<ByteBuf> content(MessageDigest digest) {
        return Flux.range(0, LENGTH / PIECE).map(piece -> {
            byte[] next = content(piece, PIECE);
            digest.update(next);
            return Unpooled.wrappedBuffer(next);
        });
    }

    private static byte[] content(long seed, int length) {
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static byte[] bytes(ByteBuf buffer) {
        try {
            return ByteBufUtil.getBytes(buffer);
        } finally {
            buffer.release();
        }
    }
}
