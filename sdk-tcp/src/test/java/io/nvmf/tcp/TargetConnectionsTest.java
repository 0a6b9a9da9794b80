package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.tcp.testing.Stranger;
import io.nvmf.tcp.testing.TestPdu;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many connections a target keeps, and whose. */
class TargetConnectionsTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:connections";
    private static final String HOST = "nqn.2024-01.io.nvmf:stranger";
    private static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Stranger> strangers = new ArrayList<>();
    private BoundTarget target;

    private void start(UnaryOperator<TargetOptions> options) {
        // Nothing ends because of its time unless a test says so.
        target = NvmeTarget.memory(NQN, 1 << 20, 4096)
                .option(TcpOptions.INITIALIZATION_TIMEOUT, Duration.ofHours(1))
                .options(defaults -> options.apply(defaults.connectTimeout(Duration.ofHours(1))))
                .bind()
                .block(PATIENCE);
    }

    @AfterEach
    void stop() {
        strangers.forEach(Stranger::close);
        target.close().block(PATIENCE);
    }

    private Stranger silent() {
        Stranger stranger = Stranger.silent(target.port());
        strangers.add(stranger);
        return stranger;
    }

    private Stranger initialized() {
        Stranger stranger = Stranger.initialized(target.port());
        strangers.add(stranger);
        return stranger;
    }

    private Stranger admin(String subsystem, long kato) {
        Stranger admin = initialized();
        admin.connect(0, 32, kato, 0xFFFF, subsystem, HOST);
        return admin;
    }

    private void rightfulHostGetsThrough() {
        NvmeController controller =
                NvmeClient.from(target.uri(NQN).toString()).connect().block(PATIENCE);
        assertThat(controller).isNotNull();
        controller.close().block(PATIENCE);
    }

    @Test
    void oneTooManyWithoutConnectClosesTheOldest() {
        start(options -> options.connectionsBeforeConnect(2));
        Stranger oldest = initialized();
        Stranger second = initialized();
        Stranger third = initialized();

        assertThat(oldest.isClosed()).isTrue();
        third.connect(0, 32, 0, 0xFFFF, NQN, HOST);
        second.connect(0, 32, 0, 0xFFFF, NQN, HOST);
    }

    @Test
    void silentConnectionsKeepNobodyOut() {
        start(options -> options.connectionsBeforeConnect(8).connections(64));
        for (int i = 0; i < 60; i++) {
            silent();
        }
        // Event loops take them in turn, so it may not be exactly the oldest that are gone.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> strangers.stream().filter(Stranger::isClosedNow).count() == 52);

        rightfulHostGetsThrough();
    }

    @Test
    void connectionsThatAreQueuesAreNotClosedForNewOnes() {
        start(options -> options.connectionsBeforeConnect(1));
        Stranger queue = admin(NQN, 0);
        for (int i = 0; i < 5; i++) {
            initialized();
        }

        queue.enable();
    }

    @Test
    void connectionsBeyondThoseOfOneAddressAreClosed() {
        start(options -> options.connectionsPerAddress(3));
        admin(NQN, 0);
        admin(NQN, 0);
        Stranger third = admin(NQN, 0);

        assertThat(silent().isClosed()).isTrue();
        third.close();
        onceThereIsAPlace(() -> admin(NQN, 0));
    }

    @Test
    void connectionsBeyondThoseInAllAreClosed() {
        start(options -> options.connections(2));
        admin(NQN, 0);
        Stranger second = admin(NQN, 0);

        assertThat(silent().isClosed()).isTrue();
        second.close();
        onceThereIsAPlace(() -> admin(NQN, 0));
    }

    /** The target may learn later than the next connection comes that one has ended: then it closes the next. */
    private static void onceThereIsAPlace(ThrowingRunnable use) {
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptionsMatching(
                        failure -> failure instanceof UncheckedIOException || failure instanceof NvmeException)
                .untilAsserted(use);
    }

    @Test
    void discoveryControllersTakeNoPlaceOfOthers() {
        start(options -> options.controllers(2).discoveryControllers(2));
        admin(DISCOVERY, 0);
        admin(DISCOVERY, 0);

        assertThatThrownBy(() -> admin(DISCOVERY, 0)).hasMessageContaining("status of Connect");
        rightfulHostGetsThrough();
    }

    @Test
    void connectionsWithoutConnectAreClosedInTime() {
        start(options -> options.connectTimeout(Duration.ofMillis(100)));

        assertThat(initialized().isClosed()).isTrue();
    }

    @Test
    void silentDiscoveryControllersAreEnded() {
        start(options -> options.discoveryIdle(Duration.ofMillis(200)));

        Stranger idle = admin(DISCOVERY, 0);
        Stranger host = admin(NQN, 0);

        assertThat(idle.isClosed()).isTrue();
        host.enable();
    }

    @Test
    void silenceHasABoundForAllHostsIfTheTargetSetsOne() {
        start(options -> options.idleLimit(Duration.ofMillis(200)));

        assertThat(admin(NQN, 0).isClosed()).isTrue();
        assertThat(admin(NQN, 3_600_000).isClosed()).isTrue();
    }

    @Test
    void placesComeBackHoweverConnectionsEnd() {
        start(options -> options.connections(3).connectionsBeforeConnect(3).controllers(3));
        for (int i = 0; i < 20; i++) {
            int kind = i;
            onceThereIsAPlace(() -> comeAndGo(kind));
        }
        onceThereIsAPlace(this::rightfulHostGetsThrough);
    }

    private void comeAndGo(int kind) {
        try (Stranger stranger = kind % 3 == 0 ? silent() : kind % 3 == 1 ? initialized() : admin(NQN, 0)) {
            if (kind % 2 == 0) {
                stranger.send(TestPdu.of(0x7E, 128));
            }
        }
    }
}
