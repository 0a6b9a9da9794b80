package io.nvmf.transport.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** What {@link TransportTestKit} gives the behaviours. */
public interface KitContext {

    /** A length that no transport of the kit carries within a capsule, and no multiple of anything. */
    int LARGE = 100_003;

    /** Data that a controller takes within a capsule, where nothing else is said. */
    int IN_CAPSULE_LIMIT = HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA;

    TransportProvider provider();

    /** Memory of the test and, where it can be told, of the transport; must be empty after each test. */
    ByteBufAllocator allocator();

    TransportAddress address();

    /** The settings of {@link #open()}, to vary. */
    ConnectedPair.Settings settings();

    /** A pair that is closed after the test. */
    ConnectedPair open(ConnectedPair.Settings settings);

    default ConnectedPair open() {
        return open(settings());
    }

    /** A pair whose controller has heard of its host: it is the host that begins. */
    default ConnectedPair openHeard() {
        ConnectedPair pair = open();
        pair.release(pair.deliver(new RecordingCapsule(0x18, 0)));
        return pair;
    }

    /** Limits the receives under way per command, or skips the test. */
    ConnectedPair.Settings limitReceives(ConnectedPair.Settings settings, int limit);

    /** Rewrites the next command on its way, or skips the test. */
    void alter(HostQueuePair host, Consumer<ByteBuf> alteration);

    /** Whether data outside the capsule can be fetched in any order and repeatedly. */
    boolean anyOrder();

    /** Whether the host's side knows how many bytes of a transfer have moved, see {@link QueuePair}. */
    boolean countsBytes();

    /** Whether capsules of an admin queue carry data. */
    boolean adminCapsulesCarryData();

    /** Whether a success travels with the last data where there is no SQ flow control. */
    boolean successWithData();

    /** A pair whose capsules carry data, and whose controller takes {@link #IN_CAPSULE_LIMIT}. */
    default ConnectedPair openInCapsule(ConnectedPair.Settings settings) {
        ConnectedPair pair = open(settings.withAdmin(adminCapsulesCarryData()));
        if (!adminCapsulesCarryData()) {
            pair.runOnController(() -> pair.controller()
                    .configure(new ControllerQueuePairParameters(false, settings.queueSize(), true, IN_CAPSULE_LIMIT)));
        }
        return pair;
    }

    default ConnectedPair openInCapsule() {
        return openInCapsule(settings());
    }

    /** How a transfer ends of which so many bytes have moved, and whose command has succeeded or not. */
    default RecordingCapsule.TransferEnd regularEnd(long moved, long length, boolean success) {
        long counted = success ? length : 0;
        return new RecordingCapsule.TransferEnd(countsBytes() ? moved : counted, null);
    }

    /** The one end of the transfer is an abortion after so many bytes. */
    default void assertAborted(RecordingCapsule capsule, long moved) {
        RecordingCapsule.TransferEnd end = capsule.transferEnd();
        assertThat(end.error()).isNotNull();
        assertThat(end.error().kind()).isEqualTo(TransferException.Kind.ABORTED);
        assertThat(end.error().bytes()).isEqualTo(end.bytes());
        assertThat(end.bytes()).isEqualTo(countsBytes() ? moved : 0);
    }

    /** All data of a command has moved: a host that does not count learns that from the response. */
    default void allMoved(ConnectedPair pair, ReceivedCommand command) {
        if (!countsBytes()) {
            pair.succeed(command);
        }
    }

    /** See {@link BytePattern#destination}. */
    default ByteBuf destination(int length) {
        return BytePattern.destination(allocator(), length);
    }

    /** The first bytes of a pattern. */
    default ByteBuf pattern(int seed, int length) {
        return BytePattern.buffer(allocator(), seed, length);
    }

    /** Waits until something holds that has to happen. */
    static void eventually(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(CapsuleRecorder.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    /** Makes sure that something holds and goes on to hold although there is time for it to change. */
    static void consistently(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(CapsuleRecorder.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .during(Duration.ofMillis(100))
                .failFast(() -> !condition.call())
                .until(condition);
    }
}
