package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.Nqn;
import io.nvmf.testing.Covers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The discovery log page: read as a whole, consistently, and with an association that ends with it. */
class NvmeDiscoveryTest {

    private final ScriptedController controller = new ScriptedController();

    @AfterEach
    void cut() {
        controller.cut();
    }

    private final List<DiscoveryLogEntry> entries = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @BeforeEach
    void discovery() {
        controller.beDiscovery();
    }

    private void discover() {
        controller.client().discover().subscribe(entries::add, failure::set);
    }

    private void entry(int port) {
        controller.discoveryLog.add(new DiscoveryLogEntry(
                3,
                1,
                2,
                0,
                1,
                0xFFFF,
                32,
                0,
                Integer.toString(port),
                ScriptedController.NQN,
                "192.0.2.1",
                new DiscoveryLogEntry.Tcp(0)));
    }

    @Test
    @Covers("MQES is not looked at for discovery: FreeBSD's discovery controller states 0")
    void theSizeOfIoQueuesIsNoMatterForDiscovery() {
        controller.capabilities = new ControllerCapabilities(controller.capabilities.raw() & ~0xFFFFL);
        entry(1);

        discover();

        assertThat(failure).hasValue(null);
        assertThat(entries).hasSize(1);
    }

    @Test
    void entriesAreReadAndTheAssociationEnds() {
        entry(1);
        entry(2);

        discover();

        assertThat(failure.get()).isNull();
        assertThat(entries).isEqualTo(controller.discoveryLog);
        assertThat(controller.connectData.subsystemNqn()).isEqualTo(Nqn.DISCOVERY);
        assertThat(controller.log)
                .containsExactly(
                        "open",
                        "q0 Connect 32 entries, KATO 10000",
                        "Get CAP",
                        "Get VS",
                        "Set CC 460001h",
                        "Get CSTS",
                        "Identify 01h 0",
                        "Log 70h 0+1024 RAE",
                        "Log 70h 1024+2048 RAE",
                        "Log 70h 0+1024",
                        "Set CC 464001h",
                        "Get CSTS",
                        "q0 closed");
        controller.assertNothingOpen();
    }

    @Test
    void anEmptyLogHasNoEntries() {
        discover();

        assertThat(failure.get()).isNull();
        assertThat(entries).isEmpty();
        controller.assertNothingOpen();
    }

    @Test
    void entriesAreReadInPartsThatMdtsAllows() {
        controller.identify().set(Field.MDTS, 1);
        for (int port = 1; port <= 10; port++) {
            entry(port);
        }

        discover();

        assertThat(entries).isEqualTo(controller.discoveryLog);
        assertThat(controller.log).contains("Log 70h 1024+8192 RAE", "Log 70h 9216+2048 RAE");
    }

    @Test
    @Covers("Read again if GENCTR has changed meanwhile")
    void aLogThatChangesWhileItIsReadIsReadAgain() {
        entry(1);
        controller.on("Log 70h 1024+1024 RAE", e -> {
            controller.generation++;
            entry(2);
            controller.overrides.clear();
            e.send(Unpooled.buffer(1024).writeZero(1024));
        });

        discover();

        assertThat(failure.get()).isNull();
        assertThat(entries).isEqualTo(controller.discoveryLog);
        assertThat(controller.count("Log 70h 0+1024 RAE")).isEqualTo(2);
    }

    @Test
    @Covers("Read again if GENCTR has changed meanwhile")
    void aLogThatAlwaysChangesIsGivenUp() {
        controller.on("Log 70h 0+1024", e -> {
            controller.generation++;
            e.send(Unpooled.buffer(1024).writeLongLE(controller.generation).writeZero(1016));
        });

        discover();

        assertThat(failure.get())
                .isInstanceOf(NvmeLimitException.class)
                .hasMessageContaining("10")
                .hasMessageContaining("11");
        assertThat(controller.count("Log 70h 0+1024")).isEqualTo(10);
        controller.assertNothingOpen();
    }

    @Test
    void moreEntriesThanAnyFabricHasAreRefused() {
        controller.on(
                "Log 70h 0+1024 RAE",
                e -> e.send(
                        Unpooled.buffer(1024).writeLongLE(1).writeLongLE(65_537).writeZero(1008)));

        discover();

        assertThat(failure.get())
                .isInstanceOf(NvmeProtocolException.class)
                .hasMessageContaining("NUMREC")
                .hasMessageContaining("65537");
    }

    @Test
    void discoveryControllersAreKeptAliveEvenWithoutATimeout() {
        controller.client().keepAlive(Duration.ZERO).discover().subscribe(entries::add, failure::set);

        assertThat(controller.log).contains("q0 Connect 32 entries, KATO 10000");
    }
}
