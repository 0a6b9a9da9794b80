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
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What the NVMe/TCP client of TrueNAS, in Python, puts on the wire: no SGL at all where there is no data, all command
 * sets selected, and a host identifier of its own for each queue.
 */
class WhatTrueNasClientsSendTest {

    private static final byte[] NAME = "nqn.2011-06.com.truenas:uuid-1:client".getBytes(StandardCharsets.US_ASCII);
    private static final UUID OTHER_HOST_ID = UUID.fromString("99999999-2222-3333-4444-555555555555");
    private static final int CAP = 0;
    private static final int ENABLE_ALL = 0x460061;

    private static TestPdu withoutSgl(TestPdu pdu) {
        for (int i = 24; i < 40; i++) {
            pdu.u8(8 + i, 0);
        }
        return pdu;
    }

    private static TestPdu connect(int queueId, UUID hostId, int controllerId) {
        return RawHost.connect(0, queueId, 32, hostId, controllerId, SUBSYSTEM, NAME);
    }

    @Test
    @Covers({
        "TrueNAS's client sends an SGL of zeros with commands that have no data: with length 0, and none in the capsule, type and address are not looked at. Strict: 0/11h",
        "TrueNAS's client has another host identifier on each queue: the one of the admin queue counts, the NQN has to be the same. Strict: 1/82h with the offset of HOSTID"
    })
    void aSessionFromConnectToShutdown() {
        try (PeerTarget target = new PeerTarget(false);
                RawHost admin = target.open();
                RawHost io = target.open()) {
            int controller = admin.succeed(connect(0, HOST_ID, 0xFFFF)).dw0();
            RawHost.Answer cap = admin.succeed(withoutSgl(RawHost.propertyGet(1, CAP, true)));
            assertThat(cap.dw1() >>> 5 & 0xFF).as("CAP.CSS").isEqualTo(0x41);
            admin.succeed(withoutSgl(RawHost.propertySet(2, CC, ENABLE_ALL)));
            assertThat(admin.succeed(withoutSgl(RawHost.propertyGet(3, CSTS, false)))
                            .dw0())
                    .isEqualTo(1);
            assertThat(admin.succeed(RawHost.identify(4, 0x1C | 0xFFFF << 16, 0, 0))
                            .data()[0])
                    .isEqualTo((byte) 1);
            assertThat(admin.succeed(RawHost.identify(5, 0x07, 0, 0)).data()[0]).isEqualTo((byte) 1);
            assertThat(admin.succeed(RawHost.identify(6, 0x05, 1, 0)).data()).containsOnly(0);
            assertThat(admin.succeed(RawHost.identify(7, 0x06, 0, 0)).data()).hasSize(4096);
            assertThat(admin.succeed(RawHost.identify(8, 0x08, 1, 0)).data()[14])
                    .isEqualTo((byte) 1);
            admin.refuse(RawHost.identify(9, 0x05, 1, 2 << 24), 0x12C);
            admin.succeed(
                    withoutSgl(TestPdu.capsuleCmd(0x09, 10, 0).u32(8 + 40, 0x07).u32(8 + 44, 0)));
            admin.succeed(withoutSgl(TestPdu.capsuleCmd(0x18, 11, 0)));

            io.succeed(connect(1, OTHER_HOST_ID, controller));
            byte[] block = new byte[512];
            Arrays.fill(block, (byte) 0x5A);
            io.succeed(TestPdu.capsuleCmd(0x01, 1, 0).u32(8 + 4, 1).inCapsule(block));
            io.succeed(withoutSgl(TestPdu.capsuleCmd(0x00, 2, 0).u32(8 + 4, 1)));
            io.succeed(withoutSgl(TestPdu.capsuleCmd(0x08, 3, 0).u32(8 + 4, 1).u32(8 + 40, 1)));
            assertThat(io.succeed(TestPdu.capsuleCmd(0x02, 4, 512).u32(8 + 4, 1))
                            .data())
                    .isEqualTo(block);
            io.refuse(withoutSgl(TestPdu.capsuleCmd(0x02, 5, 0).u32(8 + 4, 1)), 0x00F);
            io.succeed(withoutSgl(TestPdu.capsuleCmd(0x7F, 6, 0).u8(8 + 4, 0x08)));

            admin.succeed(withoutSgl(RawHost.propertySet(12, CC, ENABLE_ALL | 1 << 14)));
        }
    }

    @Test
    @Covers({
        "TrueNAS's client sends an SGL of zeros with commands that have no data: with length 0, and none in the capsule, type and address are not looked at. Strict: 0/11h",
        "TrueNAS's client has another host identifier on each queue: the one of the admin queue counts, the NQN has to be the same. Strict: 1/82h with the offset of HOSTID"
    })
    void aStrictTargetKeepsToTheWord() {
        try (PeerTarget target = new PeerTarget(true);
                RawHost admin = target.open();
                RawHost io = target.open()) {
            int controller = admin.succeed(connect(0, HOST_ID, 0xFFFF)).dw0();

            admin.refuse(withoutSgl(RawHost.propertyGet(1, CAP, true)), 0x011);
            admin.succeed(RawHost.propertySet(2, CC, ENABLE_ALL));
            RawHost.Answer refused = io.run(connect(1, OTHER_HOST_ID, controller));
            assertThat(refused.status()).isEqualTo(0x182);
            assertThat(refused.dw0()).isEqualTo(1 << 16);
            io.succeed(connect(1, HOST_ID, controller));
        }
    }

    @Test
    @Covers(
            "TrueNAS's client has another host identifier on each queue: the one of the admin queue counts, the NQN has to be the same. Strict: 1/82h with the offset of HOSTID")
    void theNameOfTheHostStillHasToBeThatOfItsAdminQueue() {
        try (PeerTarget target = new PeerTarget(false);
                RawHost admin = target.open();
                RawHost io = target.open()) {
            int controller = admin.succeed(connect(0, HOST_ID, 0xFFFF)).dw0();
            admin.succeed(RawHost.propertySet(1, CC, ENABLE_ALL));
            byte[] other = NAME.clone();
            other[other.length - 1]++;

            RawHost.Answer refused = io.run(RawHost.connect(0, 1, 32, HOST_ID, controller, SUBSYSTEM, other));

            assertThat(refused.status()).isEqualTo(0x182);
            assertThat(refused.dw0()).isEqualTo(1 << 16 | 512);
        }
    }
}
