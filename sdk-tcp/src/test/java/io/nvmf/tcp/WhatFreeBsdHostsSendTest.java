package io.nvmf.tcp;

import static io.nvmf.tcp.PeerTarget.HOST_ID;
import static io.nvmf.tcp.PeerTarget.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.testing.RawHost;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What FreeBSD's hosts put on the wire: whatever name they are given, of 1 to 223 bytes. */
class WhatFreeBsdHostsSendTest {

    private static TestPdu connect(String name) {
        return RawHost.connect(0, 0, 32, HOST_ID, 0xFFFF, SUBSYSTEM, name.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @Covers(
            "SPDK's tools have no name by default, FreeBSD's hosts any of 1 to 223 bytes: admitted by a subsystem that admits every host, without control characters. Strict: 1/82h with the offset of HOSTNQN")
    void anyNameIsAdmittedWhereEveryHostIs() {
        try (PeerTarget target = new PeerTarget(false)) {
            for (String name :
                    new String[] {"h", "host", "iqn.1994-09.org.freebsd:host", "n".repeat(223), "h\u00f6st"}) {
                try (RawHost admin = target.open()) {
                    admin.succeed(connect(name));
                }
            }
            for (String name : new String[] {"n".repeat(224), "n".repeat(255), "a\nb", "\u0085"}) {
                try (RawHost admin = target.open()) {
                    RawHost.Answer answer = admin.run(connect(name));
                    assertThat(answer.status()).as(name).isEqualTo(0x182);
                    assertThat(answer.dw0()).isEqualTo(1 << 16 | 512);
                }
            }
        }
    }

    @Test
    void aListHasTheNamesItHas() {
        try (PeerTarget target = new PeerTarget(false, "nqn.2024-01.io.nvmf:friend");
                RawHost admin = target.open()) {
            admin.refuse(connect("host"), 0x184);
            admin.refuse(connect("nqn.2024-01.io.nvmf:Friend"), 0x184);
            admin.refuse(connect("nqn.2024-01.io.nvmf:friend "), 0x184);
            admin.refuse(connect("nqn.2024-01.io.nvmf:frien"), 0x184);
            admin.succeed(connect("nqn.2024-01.io.nvmf:friend"));
        }
    }

    @Test
    @Covers(
            "SPDK's tools have no name by default, FreeBSD's hosts any of 1 to 223 bytes: admitted by a subsystem that admits every host, without control characters. Strict: 1/82h with the offset of HOSTNQN")
    void aStrictTargetTakesQualifiedNamesOnly() {
        try (PeerTarget target = new PeerTarget(true);
                RawHost admin = target.open()) {
            RawHost.Answer answer = admin.run(connect("host"));
            assertThat(answer.status()).isEqualTo(0x182);
            assertThat(answer.dw0()).isEqualTo(1 << 16 | 512);
            admin.succeed(connect("nqn.2024-01.io.nvmf:friend"));
        }
    }
}
