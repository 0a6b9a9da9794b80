package io.nvmf.tcp;

import static io.nvmf.tcp.PeerTarget.CC;
import static io.nvmf.tcp.PeerTarget.CSTS;
import static io.nvmf.tcp.PeerTarget.HOST_ID;
import static io.nvmf.tcp.PeerTarget.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.testing.RawHost;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * What hosts built on SPDK (perf, bdev_nvme, the fuzzer) put on the wire where the specification is read in more than
 * one way.
 */
class WhatSpdkHostsSendTest {

    private static final byte[] NO_NAME = {};
    private static final byte[] NAME = "nqn.2014-08.org.nvmexpress:uuid:a".getBytes(StandardCharsets.US_ASCII);
    private static final int ENABLE_ALL = 0x460061;
    private static final int SHUT_DOWN = ENABLE_ALL | 1 << 14;

    private static TestPdu connect(int queueId, int controllerId, byte[] name) {
        return RawHost.connect(0, queueId, 32, HOST_ID, controllerId, SUBSYSTEM, name);
    }

    private static TestPdu awaitEvent(int commandId) {
        return TestPdu.capsuleCmd(0x0C, commandId, 0);
    }

    @Test
    @Covers(
            "SPDK's tools have no name by default, FreeBSD's hosts any of 1 to 223 bytes: admitted by a subsystem that admits every host, without control characters. Strict: 1/82h with the offset of HOSTNQN")
    void aHostWithoutANameIsAdmittedWhereEveryHostIs() {
        try (PeerTarget target = new PeerTarget(false);
                RawHost admin = target.open();
                RawHost io = target.open()) {
            int controller = admin.succeed(connect(0, 0xFFFF, NO_NAME)).dw0();
            admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));

            io.refuse(connect(1, controller, NAME), 0x182);
            io.succeed(connect(1, controller, NO_NAME));

            byte[] read =
                    io.succeed(TestPdu.capsuleCmd(0x02, 1, 512).u32(8 + 4, 1)).data();
            assertThat(read).hasSize(512);
        }
    }

    @Test
    void aHostWithoutANameIsOnNobodysList() {
        try (PeerTarget target = new PeerTarget(false, "nqn.2024-01.io.nvmf:friend");
                RawHost admin = target.open()) {
            admin.refuse(connect(0, 0xFFFF, NO_NAME), 0x184);
            assertThat(target.controllers()).isZero();
        }
    }

    @Test
    @Covers(
            "SPDK's tools have no name by default, FreeBSD's hosts any of 1 to 223 bytes: admitted by a subsystem that admits every host, without control characters. Strict: 1/82h with the offset of HOSTNQN")
    void aHostWithoutANameIsRefusedByAStrictTarget() {
        try (PeerTarget target = new PeerTarget(true);
                RawHost admin = target.open()) {
            RawHost.Answer answer = admin.run(connect(0, 0xFFFF, NO_NAME));

            assertThat(answer.status()).isEqualTo(0x182);
            assertThat(answer.dw0()).isEqualTo(1 << 16 | 512);
        }
    }

    /**
     * The host forgets its event requests, then takes the identifier of one of them for its first Property Get, and
     * sends whatever follows with that or the next ones.
     */
    @Test
    @Covers(
            "SPDK's hosts forget their event requests before they shut a controller down, and use the identifiers again: the requests are dropped without an answer when that is seen. Strict: 0/03h")
    void theIdentifiersOfEventRequestsAreUsedAgainToShutDown() {
        try (PeerTarget target = new PeerTarget(false);
                RawHost admin = target.open()) {
            admin.succeed(connect(0, 0xFFFF, NAME));
            admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));
            for (int id = 10; id < 14; id++) {
                admin.send(awaitEvent(id));
            }

            assertThat(admin.succeed(RawHost.propertyGet(13, CC, false)).dw0()).isEqualTo(ENABLE_ALL);
            admin.succeed(RawHost.propertySet(13, CC, SHUT_DOWN));

            Awaitility.await()
                    .untilAsserted(() -> assertThat(admin.succeed(RawHost.propertyGet(12, CSTS, false))
                                    .dw0())
                            .isEqualTo(1 | 2 << 2));
            assertThat(target.flushes).hasValue(1);
        }
    }

    @Test
    @Covers(
            "SPDK's hosts forget their event requests before they shut a controller down, and use the identifiers again: the requests are dropped without an answer when that is seen. Strict: 0/03h")
    void forgottenEventRequestsTakeNoPlaceAndAreNotAnswered() {
        try (PeerTarget target = new PeerTarget(false);
                RawHost admin = target.open()) {
            admin.succeed(connect(0, 0xFFFF, NAME));
            admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));
            for (int round = 0; round < 50; round++) {
                for (int id = 10; id < 14; id++) {
                    admin.send(awaitEvent(id));
                }
                admin.succeed(TestPdu.capsuleCmd(0x18, 10 + round % 4, 0));
            }
            // Abort of one that is forgotten: not aborted
            assertThat(admin.succeed(TestPdu.capsuleCmd(0x08, 20, 0).u32(8 + 40, 11 << 16))
                            .dw0())
                    .isEqualTo(1);
            for (int id = 10; id < 14; id++) {
                admin.send(awaitEvent(id));
            }
            admin.refuse(awaitEvent(14), 0x105);
            // and the warning goes to one of the new ones
            admin.succeed(TestPdu.capsuleCmd(0x09, 20, 0).u32(8 + 40, 0x0B).u32(8 + 44, 2));
            admin.send(TestPdu.capsuleCmd(0x09, 21, 0).u32(8 + 40, 0x04).u32(8 + 44, 200));
            RawHost.Answer event = admin.next();
            assertThat(event.commandId()).isEqualTo(10);
            assertThat(event.dw0()).isEqualTo(0x020101);
            assertThat(admin.next().commandId()).isEqualTo(21);
        }
    }

    @Test
    @Covers(
            "SPDK's hosts forget their event requests before they shut a controller down, and use the identifiers again: the requests are dropped without an answer when that is seen. Strict: 0/03h")
    void aStrictTargetSeesTheConflict() {
        try (PeerTarget target = new PeerTarget(true);
                RawHost admin = target.open()) {
            admin.succeed(connect(0, 0xFFFF, NAME.clone()));
            admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));
            admin.send(awaitEvent(10));

            admin.refuse(RawHost.propertyGet(10, CC, false), 0x003);
        }
    }

    @Test
    @Covers(
            "SPDK's fuzzer and others leave bytes in the address of a transport data block, which is reserved: ignored. Strict: 0/16h")
    void bytesInTheReservedAddressOfADescriptorAreIgnored() {
        for (boolean strict : new boolean[] {false, true}) {
            try (PeerTarget target = new PeerTarget(strict);
                    RawHost admin = target.open()) {
                admin.succeed(connect(0, 0xFFFF, NAME));
                admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));
                TestPdu identify =
                        RawHost.identify(2, 1, 0, 0).u32(8 + 24, 0xDEADBEEFL).u32(8 + 28, 0xFFFF_FFFFL);
                if (strict) {
                    admin.refuse(identify, 0x016);
                } else {
                    assertThat(admin.succeed(identify).data()).hasSize(4096);
                }
            }
        }
    }
}
