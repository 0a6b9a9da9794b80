package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.security.Security;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.tcp.testing.PooledStore;
import io.nvmf.tcp.testing.Stranger;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.VirtualTime;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Hosts on real sockets that vanish, stop reading or break the protocol at any moment: what they held is given back,
 * all of it.
 */
class UnreliableHostsTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final String HOST = "nqn.2024-01.io.nvmf:stranger";
    private static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int PART = 128 * 1024;
    private static final int MIB = 1 << 20;

    /** What event loops may keep of receive buffers and headers for the connections to come. */
    private static final int KEPT = 64 * 1024;

    private final List<Stranger> strangers = new ArrayList<>();
    private final PooledStore store = new PooledStore(BLOCK);
    private final long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    private Scheduler timer = Schedulers.parallel();
    private TargetServer server;

    private void start(TransportOptions transport, UnaryOperator<TargetOptions> options) {
        server = TargetServer.bind(new TargetParameters(
                        List.of(new ListenAddress(TransportType.TCP, TransportAddress.of("127.0.0.1", 0))),
                        TransportRegistry.load(),
                        transport,
                        null,
                        List.of(SubsystemOptions.of(NQN).namespace(1, store)),
                        options.apply(TargetOptions.DEFAULTS),
                        Security.none(),
                        timer))
                .block(PATIENCE);
    }

    private void start() {
        start(TransportOptions.none(), options -> options);
    }

    @AfterEach
    void stop() {
        strangers.forEach(Stranger::close);
        store.answer();
        server.close().block(PATIENCE);
        nothingIsHeld();
    }

    private void nothingIsHeld() {
        Awaitility.await().untilAsserted(() -> {
            store.answer();
            assertThat(server.connections()).as("connections").isZero();
            assertThat(server.controllers()).as("controllers").isZero();
            assertThat(server.memory().held()).as("budget").isZero();
            assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before)
                    .as("memory")
                    .isLessThan(KEPT);
        });
    }

    private int port() {
        return server.addresses().get(0).address().port();
    }

    private Stranger silent() {
        Stranger stranger = Stranger.silent(port());
        strangers.add(stranger);
        return stranger;
    }

    private Stranger initialized() {
        Stranger stranger = Stranger.initialized(port());
        strangers.add(stranger);
        return stranger;
    }

    private Stranger admin(String subsystem) {
        Stranger admin = initialized();
        admin.connect(0, 128, 0, 0xFFFF, subsystem, HOST);
        admin.enable();
        return admin;
    }

    private Stranger io() {
        Stranger admin = initialized();
        int controller = admin.connect(0, 32, 0, 0xFFFF, NQN, HOST);
        admin.enable();
        Stranger io = initialized();
        io.connect(1, 128, 0, controller, NQN, HOST);
        return io;
    }

    private static void readMuch(Stranger io) {
        for (int i = 0; i < 100; i++) {
            io.read(i, PART / BLOCK, PART);
        }
    }

    /** How far a host gets. */
    private enum Phase {
        NOTHING_SAID {
            @Override
            void reach(UnreliableHostsTest test) {
                test.silent();
            }
        },
        HALF_OF_THE_ICREQ {
            @Override
            void reach(UnreliableHostsTest test) {
                test.silent().sendPart(TestPdu.icReq(0, 0, 0), 70);
            }
        },
        INITIALIZED {
            @Override
            void reach(UnreliableHostsTest test) {
                test.initialized();
            }
        },
        HALF_OF_THE_CONNECT {
            @Override
            void reach(UnreliableHostsTest test) {
                test.initialized()
                        .sendPart(TestPdu.capsuleCmd(0x7F, 1, 0).u8(8 + 4, 1).inCapsule(new byte[1024]), 600);
            }
        },
        CONNECTED {
            @Override
            void reach(UnreliableHostsTest test) {
                test.initialized().connect(0, 32, 0, 0xFFFF, NQN, HOST);
            }
        },
        WAITING_FOR_EVENTS {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger admin = test.admin(NQN);
                for (int i = 0; i < EventRequests.LIMIT; i++) {
                    admin.awaitEvent();
                }
            }
        },
        IO_CONNECTED {
            @Override
            void reach(UnreliableHostsTest test) {
                test.io();
            }
        },
        HALF_OF_AN_ENTRY {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger io = test.io();
                io.sendPart(io.write(0, 1, new byte[BLOCK]), 50);
            }
        },
        HALF_OF_THE_DATA_IN_A_CAPSULE {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger io = test.io();
                io.sendPart(io.write(0, 2, new byte[2 * BLOCK]), 72 + BLOCK + 1);
            }
        },
        STORE_AT_WORK {
            @Override
            void reach(UnreliableHostsTest test) {
                test.store.hold = true;
                Stranger io = test.io();
                for (int i = 0; i < 20; i++) {
                    io.send(io.write(i, 1, new byte[BLOCK]));
                }
                Awaitility.await().until(() -> !test.store.writes.isEmpty());
            }
        },
        ASKED_FOR_DATA {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger io = test.io();
                for (int i = 0; i < 100; i++) {
                    io.send(io.write(i, PART / BLOCK, PART));
                }
                io.request();
            }
        },
        HALF_OF_THE_DATA {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger io = test.io();
                io.send(io.write(0, PART / BLOCK, PART));
                io.sendPart(Stranger.answer(io.request()), PART / 2);
            }
        },
        RESPONSES_UNREAD {
            @Override
            void reach(UnreliableHostsTest test) {
                readMuch(test.io());
            }
        },
        HALF_OF_A_RESPONSE {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger io = test.io();
                readMuch(io);
                io.readPart(PART + PART / 2);
            }
        },
        LOG_PAGES_UNREAD {
            @Override
            void reach(UnreliableHostsTest test) {
                Stranger discovery = test.admin(DISCOVERY);
                for (int i = 0; i < 100; i++) {
                    discovery.getDiscoveryLog(MIB);
                }
            }
        };

        abstract void reach(UnreliableHostsTest test);
    }

    private static Stream<Arguments> phases() {
        return Stream.of(Phase.values())
                .flatMap(phase -> Stream.of(Arguments.of(phase, true), Arguments.of(phase, false)));
    }

    @ParameterizedTest
    @MethodSource("phases")
    void thoseThatVanishLeaveNothing(Phase phase, boolean reset) {
        start();
        for (int i = 0; i < 6; i++) {
            store.elsewhere = i % 2 == 1;
            phase.reach(this);
            if (i % 3 == 2) {
                Collections.reverse(strangers); // the I/O queue first
            }
            strangers.forEach(reset ? Stranger::reset : Stranger::close);
            strangers.clear();

            nothingIsHeld();
        }
    }

    @Test
    void oneThatVanishesTakesNobodyElseAlong() {
        start();
        Stranger other = io();
        // Its admin connection, too: a socket that nobody refers to is closed by the garbage collector.
        List<Stranger> staying = List.copyOf(strangers);
        strangers.clear();
        for (Phase phase : Phase.values()) {
            phase.reach(this);
            strangers.forEach(Stranger::reset);
            strangers.clear();
            store.answer();

            other.read(0, 1, BLOCK);
            assertThat(Stranger.status(other.response())).isZero();
        }
        strangers.addAll(staying);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closeTakesItsTimeWhateverHostsLeaveUnread(boolean elsewhere) {
        VirtualTimeScheduler virtual = VirtualTimeScheduler.create();
        timer = virtual;
        start(
                TransportOptions.none(),
                options -> options.drainTimeout(Duration.ofMillis(200)).queueMemory(MIB));
        store.elsewhere = elsewhere;
        for (int i = 0; i < 3; i++) {
            readMuch(io());
        }
        Awaitility.await().until(() -> server.memory().held() >= 3L * MIB / 2);
        assertThat(server.memory().held()).isLessThanOrEqualTo(3L * MIB);

        // drain timeout, a second for the cut, and some more
        VirtualTime.passes(virtual, Duration.ofSeconds(8), server.close().toFuture());
        nothingIsHeld();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsOnItsWayBehindAViolationIsHeldUntilTheWaitIsOver(boolean elsewhere) {
        start(
                TransportOptions.none().with(TcpOptions.TERMINATION_TIMEOUT, Duration.ofSeconds(3)),
                options -> options.queueMemory(2 * MIB));
        store.elsewhere = elsewhere;
        Stranger io = io();
        readMuch(io);
        // until the system takes no more either
        Awaitility.await()
                .during(Duration.ofMillis(300))
                .until(() -> server.memory().held() >= MIB);

        io.send(TestPdu.of(0x7E, 128));

        Awaitility.await().until(() -> server.controllers() == 0);
        assertThat(server.memory().held()).as("while the host may still read").isPositive();
        nothingIsHeld();
    }

    @Test
    void dataInCapsulesIsGivenBackByWhomeverHoldsIt() {
        start(
                TransportOptions.none().with(TcpOptions.TERMINATION_TIMEOUT, Duration.ofHours(1)),
                options -> options.inCapsuleMemory(4 * BLOCK));
        store.hold = true;
        Stranger violator = writing(3);
        Stranger vanishing = writing(3);
        vanishing.sendPart(vanishing.write(0, 1, new byte[BLOCK]), 72 + BLOCK / 2);
        Awaitility.await().until(() -> server.memory().held() == 7 * BLOCK);

        violator.send(TestPdu.of(0x7E, 128));
        Awaitility.await().until(() -> server.controllers() == 1);
        vanishing.reset();

        Awaitility.await()
                .untilAsserted(() -> assertThat(server.memory().held())
                        .as("what the store has")
                        .isEqualTo(6 * BLOCK));
        store.answer();
        Awaitility.await()
                .untilAsserted(() -> assertThat(server.memory().held())
                        .as("although the violator has not closed yet")
                        .isZero());
    }

    private Stranger writing(int writes) {
        Stranger io = io();
        int before = store.writes.size();
        for (int i = 0; i < writes; i++) {
            io.send(io.write(i, 1, new byte[BLOCK]));
        }
        Awaitility.await().until(() -> store.writes.size() == before + writes);
        return io;
    }
}
