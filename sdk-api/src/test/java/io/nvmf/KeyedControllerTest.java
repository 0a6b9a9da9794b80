package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.NvmeProtocolException;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.testing.Covers;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ForwardingHostQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What a controller has to say of itself on a transport where it reaches memory of the host by a key. */
class KeyedControllerTest {

    private static final int KEYED = IdentifyController.SGLS_SUPPORTED | IdentifyController.SGLS_KEYED;

    private final ScriptedController controller = new ScriptedController();

    @BeforeEach
    void whatIsNeeded() {
        controller.identify().set(Field.SGLS, KEYED);
    }

    @AfterEach
    void cut() {
        controller.cut();
    }

    /** A transport that says that its data blocks have keys. */
    private record Keyed(TransportProvider inner) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return inner.connect(parameters).map(KeyedQueuePair::new);
        }
    }

    private static final class KeyedQueuePair extends ForwardingHostQueuePair {

        KeyedQueuePair(HostQueuePair inner) {
            super(inner);
        }

        @Override
        public SglSupport sglSupport() {
            return new SglSupport(true, false, 0);
        }
    }

    private NvmeClient client() {
        return controller
                .client()
                .registry(TransportRegistry.empty().register(new Keyed(controller.transport)))
                .ioQueues(1);
    }

    private void assertRefused(String detail) {
        AtomicReference<Throwable> failure = new AtomicReference<>();

        client().connect().subscribe(up -> {}, failure::set);

        assertThat(failure.get()).isInstanceOf(NvmeProtocolException.class).hasMessageContaining(detail);
        controller.assertNothingOpen();
    }

    @ParameterizedTest
    @CsvSource({"0, 0h", "1, 1h", "2097153, 200001h", "-5, FFFFFFFBh"})
    @Covers("SGLS bit 2 (keyed data blocks) is what a host over RDMA needs, whatever the kind of controller")
    void oneThatTakesNoKeysIsRefusedWithItsSgls(int sgls, String said) {
        controller.identify().set(Field.SGLS, sgls & 0xFFFF_FFFFL);

        assertRefused("SGLS is " + said + ",");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4})
    @Covers(
            "IORCSZ is 1 on I/O controllers; ICDOFF and MSDBD may be anything, as one block is enough and none goes into a gap")
    void oneWithOtherResponsesIsRefusedWithTheirSize(int iorcsz) {
        controller.identify().set(Field.IORCSZ, iorcsz);

        assertRefused("IORCSZ is " + iorcsz + ",");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void oneWithoutRoomForAnEntryIsRefused(int ioccsz) {
        controller.identify().set(Field.IOCCSZ, ioccsz);

        assertRefused("IOCCSZ is " + ioccsz + ",");
    }

    @ParameterizedTest
    @CsvSource({"4, 0, 1", "260, 0, 1", "260, 4, 16", "65540, 0, 0"})
    @Covers(
            "IORCSZ is 1 on I/O controllers; ICDOFF and MSDBD may be anything, as one block is enough and none goes into a gap")
    void othersAreTakenWhateverElseTheySay(long ioccsz, int icdoff, int msdbd) {
        controller
                .identify()
                .set(Field.IOCCSZ, ioccsz)
                .set(Field.ICDOFF, icdoff)
                .set(Field.MSDBD, msdbd);

        assertThat(controller.connect(client())).isNotNull();
    }

    @Test
    void keysDoNotMatterToOtherTransports() {
        controller.identify().set(Field.SGLS, 0);

        assertThat(controller.connect(controller.client().ioQueues(1))).isNotNull();
    }
}
