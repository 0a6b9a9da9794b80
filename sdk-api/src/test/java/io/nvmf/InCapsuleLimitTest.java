package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.NvmeProtocolException;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.testing.Covers;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What the host makes of the capsule sizes of a controller: how much data its transport may put into a command capsule. */
class InCapsuleLimitTest {

    private final ScriptedController controller = new ScriptedController();

    @AfterEach
    void cut() {
        controller.cut();
    }

    /** Notes what the transport is told. */
    private record Noting(TransportProvider inner, List<HostQueuePairParameters> told) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            told.add(parameters);
            return inner.connect(parameters);
        }
    }

    /** The limits of the admin queue and of two I/O queues. */
    private List<Integer> limits() {
        List<HostQueuePairParameters> told = new ArrayList<>();
        controller.connect(controller
                .client()
                .registry(TransportRegistry.empty().register(new Noting(controller.transport, told)))
                .ioQueues(2));
        return told.stream().map(HostQueuePairParameters::maxInCapsuleData).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0",
        "5, 16",
        "35, 496",
        "36, 512",
        "260, 4096",
        "516, 8192",
        "65540, 1048576",
        // beyond what a buffer holds
        "134217732, 2147483647",
        "4294967295, 2147483647"
    })
    @Covers("Up to IOCCSZ × 16 − 64 bytes on I/O queues; more stays outside")
    void followsIoccsz(long ioccsz, int bytes) {
        controller.identify().set(Field.IOCCSZ, ioccsz);

        assertThat(limits()).containsExactly(8192, bytes, bytes);
    }

    @Test
    @Covers(
            "A controller that has an offset for it (ICDOFF), which this transport does not know, gets none on I/O queues")
    void anOffsetThatTheTransportDoesNotKnowLeavesCapsulesEmpty() {
        for (int offset : new int[] {1, 4, 0xFFFF}) {
            controller.identify().set(Field.IOCCSZ, 516).set(Field.ICDOFF, offset);

            assertThat(limits()).containsExactly(8192, 0, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void aCapsuleSmallerThanAnEntryIsRefusedWithItsSize(int ioccsz) {
        controller.identify().set(Field.IOCCSZ, ioccsz);
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connect().subscribe(up -> {}, failure::set);

        assertThat(failure.get())
                .isInstanceOf(NvmeProtocolException.class)
                .hasMessageContaining("IOCCSZ is " + ioccsz + ",");
        controller.assertNothingOpen();
    }
}
