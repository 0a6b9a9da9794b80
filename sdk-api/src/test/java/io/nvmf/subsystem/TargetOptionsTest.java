package io.nvmf.subsystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TargetOptionsTest {

    private static final TargetOptions DEFAULTS = TargetOptions.DEFAULTS;

    private static void fails(UnaryOperator<TargetOptions> change, String message) {
        assertThatThrownBy(() -> change.apply(DEFAULTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void defaultsAreTheConstants() {
        assertThat(DEFAULTS.queueMemory()).isEqualTo(TargetOptions.DEFAULT_QUEUE_MEMORY);
        assertThat(DEFAULTS.memory()).isEqualTo(TargetOptions.DEFAULT_MEMORY);
        assertThat(DEFAULTS.adminQueueSize()).isEqualTo(128);
        assertThat(DEFAULTS.drainTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(DEFAULTS.connectTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(DEFAULTS.discoveryIdle()).isEqualTo(Duration.ofMinutes(2));
        assertThat(DEFAULTS.quiesceTime()).isEqualTo(Duration.ofMillis(500));
        assertThat(DEFAULTS.strict()).isFalse();
    }

    @Test
    void aChangeLeavesTheOriginalAndAllElseAlone() {
        TargetOptions changed =
                DEFAULTS.quiesceTime(Duration.ofMillis(3)).connections(7).strict(true);

        assertThat(changed.connections()).isEqualTo(7);
        assertThat(changed.strict()).isTrue();
        assertThat(changed.quiesceTime()).isEqualTo(Duration.ofMillis(3));
        assertThat(changed.memory()).isEqualTo(DEFAULTS.memory());
        assertThat(changed.storeTimeout()).isEqualTo(DEFAULTS.storeTimeout());
        assertThat(DEFAULTS.connections()).isEqualTo(TargetOptions.DEFAULT_CONNECTIONS);
        assertThat(DEFAULTS.strict()).isFalse();
    }

    @Test
    void refusesWhatIsOutOfRangeWithNameValueAndBounds() {
        fails(options -> options.adminQueueSize(31), "adminQueueSize 31 is outside 32..4096");
        fails(options -> options.discoveryControllers(0), "discoveryControllers 0 is outside 1..65519");
        fails(options -> options.connections(0), "connections 0 is outside 1..1000000");
        fails(options -> options.connectionsPerAddress(-1), "connectionsPerAddress -1 is outside 1..1000000");
        fails(options -> options.connectionsBeforeConnect(0), "connectionsBeforeConnect 0 is outside 1..1000000");
        fails(options -> options.queueMemory(4095), "queueMemory 4095 is outside 4096..1073741824");
        fails(options -> options.inCapsuleMemory(0), "inCapsuleMemory 0 is outside 4096..1073741824");
        fails(options -> options.memory(1L << 41), "memory 2199023255552 is outside 4096..1099511627776");
        fails(options -> options.workPerTurn(65_537), "workPerTurn 65537 is not a multiple of 65536");
        fails(options -> options.maxRanges(257), "maxRanges 257 is outside 1..256");
        fails(options -> options.maxRangeBlocks(1L << 32), "maxRangeBlocks 4294967296 is outside 0..4294967295");
        fails(
                options -> options.maxZeroes(12_288),
                "maxZeroes 12288 is neither 0 nor a power of two within 8192..274877906944");
    }

    @Test
    void refusesDurationsThatNoTimerCanCount() {
        Duration eternity = Duration.ofSeconds(Long.MAX_VALUE);
        List.<UnaryOperator<TargetOptions>>of(
                        options -> options.connectTimeout(eternity),
                        options -> options.connectTimeout(Duration.ZERO),
                        options -> options.discoveryIdle(eternity),
                        options -> options.discoveryIdle(Duration.ofMillis(-1)),
                        options -> options.idleLimit(eternity),
                        options -> options.drainTimeout(eternity),
                        options -> options.drainTimeout(Duration.ofNanos(-1)),
                        options -> options.quiesceTime(Duration.ofMillis(65_536)),
                        options -> options.quiesceTime(Duration.ofNanos(1)),
                        options -> options.storeTimeout(eternity),
                        options -> options.storeTimeout(Duration.ZERO))
                .forEach(change -> assertThatThrownBy(() -> change.apply(DEFAULTS))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(" is outside PT"));
    }

    @Test
    void limitsOfCommandsAreTheFieldsThatIdentifyTells() {
        assertThat(DEFAULTS.mdts()).isEqualTo(8);
        assertThat(DEFAULTS.wzsl()).isEqualTo(16);
        assertThat(DEFAULTS.dmrl()).isZero();
        assertThat(DEFAULTS.dmrsl()).isZero();
        assertThat(DEFAULTS.maxTransfer(0).mdts()).isZero();
        assertThat(DEFAULTS.maxZeroes(8192).wzsl()).isEqualTo(1);
        assertThat(DEFAULTS.maxRanges(255).dmrl()).isEqualTo(255);
        assertThat(DEFAULTS.maxRangeBlocks(9).dmrsl()).isEqualTo(9);
    }
}
