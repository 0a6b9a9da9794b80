package io.nvmf.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostQueuePairParametersTest {

    private static final TransportAddress ADDRESS = TransportAddress.of("192.0.2.1", 4420);
    private static final String HOST = "nqn.2026-01.com.example:host";
    private static final String SUBSYSTEM = "nqn.2026-01.com.example:disk";

    private static HostQueuePairParameters.Builder io() {
        return HostQueuePairParameters.ioQueue(ADDRESS, HOST, SUBSYSTEM, 7, 0xFFEF);
    }

    @Test
    void anAdminQueueHasNoControllerYet() {
        HostQueuePairParameters admin =
                HostQueuePairParameters.adminQueue(ADDRESS, HOST, SUBSYSTEM).build();

        assertThat(admin.admin()).isTrue();
        assertThat(admin.queueId()).isZero();
        assertThat(admin.controllerId()).isEqualTo(0xFFFF);
        assertThat(admin.queueSize()).isEqualTo(32);
        assertThat(admin.maxInCapsuleData()).isEqualTo(8192);
        assertThat(admin.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void anIoQueueBelongsToTheControllerOfItsAdminQueue() {
        HostQueuePairParameters io = io().queueSize(128).build();

        assertThat(io.admin()).isFalse();
        assertThat(io.queueId()).isEqualTo(7);
        assertThat(io.controllerId()).isEqualTo(0xFFEF);
        assertThat(io.hostNqn()).isEqualTo(HOST);
        assertThat(io.subsystemNqn()).isEqualTo(SUBSYSTEM);
        assertThat(io.address()).isEqualTo(ADDRESS);
        assertThat(io.queueSize()).isEqualTo(128);
        assertThat(io.maxInCapsuleData())
                .describedAs("nothing before the controller has said so")
                .isZero();
    }

    @Test
    void onlyATransportThatLeavesAGapMayUseCapsulesOfAControllerThatAsksForOne() {
        HostQueuePairParameters direct = io().inCapsuleData(4096, 0).build();
        HostQueuePairParameters gap = io().inCapsuleData(4096, 64).build();
        HostQueuePairParameters allGap = io().inCapsuleData(48, 64).build();

        assertThat(direct.maxInCapsuleData()).isEqualTo(4096);
        assertThat(direct.maxInCapsuleDataAtOffset()).isEqualTo(4096);
        assertThat(gap.maxInCapsuleData()).isZero();
        assertThat(gap.maxInCapsuleDataAtOffset()).isEqualTo(4032);
        assertThat(gap.inCapsuleDataOffset()).isEqualTo(64);
        assertThat(allGap.maxInCapsuleDataAtOffset()).isZero();
    }

    @Test
    void whatIsOutOfRangeIsRefusedWithItsRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostQueuePairParameters.ioQueue(ADDRESS, HOST, SUBSYSTEM, 0, 1))
                .withMessage("queueId 0 is outside 1..65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostQueuePairParameters.ioQueue(ADDRESS, HOST, SUBSYSTEM, 1, 0xFFFF))
                .withMessage("controllerId 65535 is outside 0..65519");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io().queueSize(1))
                .withMessage("queueSize 1 is outside 2..65536");
        assertThatIllegalArgumentException().isThrownBy(() -> io().inCapsuleData(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> io().inCapsuleData(0, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io().connectTimeout(Duration.ZERO))
                .withMessage("connectTimeout PT0S is not positive");
    }
}
