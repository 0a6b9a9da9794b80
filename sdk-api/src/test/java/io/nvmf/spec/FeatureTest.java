package io.nvmf.spec;

import static io.nvmf.spec.Bytes.INDEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.testing.Covers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureTest {
    @Test
    void setFeaturesCarriesSaveAndValue() {
        Bytes entry = Bytes.zeroes(64).at(0, "09 40 00 00 01 00 00 00").at(40, "84 00 00 80 03 00 00 00 44 33 22 11");
        FeatureCommand command =
                new FeatureCommand(true, 1, FeatureId.NAMESPACE_WRITE_PROTECTION, 0, true, 3, 0x11223344);
        entry.assertEncodedBy(command::encode);
        assertThat(FeatureCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
    }

    @Test
    void getFeaturesCarriesSelect() {
        Bytes entry = Bytes.zeroes(64).at(0, "0A 40").at(40, "0F 03 00 00");
        FeatureCommand command = new FeatureCommand(
                false, 0, FeatureId.KEEP_ALIVE_TIMER, FeatureCommand.SELECT_SUPPORTED_CAPABILITIES, false, 0, 0);
        entry.assertEncodedBy(command::encode);
        assertThat(FeatureCommand.decode(entry.buffer(), INDEX)).isEqualTo(command);
        assertThat(FeatureCommand.get(FeatureId.VOLATILE_WRITE_CACHE).select())
                .isEqualTo(FeatureCommand.SELECT_CURRENT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FeatureCommand.get(256).encode(entry.buffer(), INDEX));
    }

    @Test
    @Covers("Number of Queues is 0's based; fewer may be granted")
    void numberOfQueuesIsZeroBasedOnTheWire() {
        NumberOfQueues eight = new NumberOfQueues(8, 4);
        assertThat(eight.encode()).isEqualTo(0x0003_0007);
        assertThat(NumberOfQueues.decode(0x0003_0007)).isEqualTo(eight);
        assertThat(eight.queuePairs()).isEqualTo(4);
        assertThat(NumberOfQueues.decode(-1)).isEqualTo(new NumberOfQueues(65536, 65536));
        assertThat(new NumberOfQueues(65536, 65536).encode()).isEqualTo(-1);
        assertThat(NumberOfQueues.decode(0).queuePairs()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new NumberOfQueues(0, 1).encode());
        assertThatIllegalArgumentException().isThrownBy(() -> new NumberOfQueues(1, 65537).encode());
    }

    @Test
    void asyncEventConfigurationIsMaskedByWhatTheControllerSupports() {
        AsyncEventConfiguration wanted = new AsyncEventConfiguration(AsyncEventConfiguration.SMART_WARNINGS
                | AsyncEventConfiguration.NAMESPACE_ATTRIBUTE
                | AsyncEventConfiguration.ANA_CHANGE
                | AsyncEventConfiguration.DISCOVERY_LOG_CHANGE);
        assertThat(wanted.value()).isEqualTo(0x800009FF);
        assertThat(wanted.supportedBy(0x0000_0900).value()).isEqualTo(0x0000_09FF);
        assertThat(wanted.has(AsyncEventConfiguration.DISCOVERY_LOG_CHANGE)).isTrue();
        assertThat(wanted.has(AsyncEventConfiguration.TELEMETRY)).isFalse();
        assertThat(wanted.has(AsyncEventConfiguration.ANA_CHANGE | AsyncEventConfiguration.TELEMETRY))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"120000, 10, 120000", "1, 10, 1000", "1001, 10, 2000", "0, 10, 0", "1234, 0, 1234"})
    void keepAliveIsRoundedUpToItsGranularity(long millis, int kas, long effective) {
        assertThat(new KeepAliveTimer(millis).roundedUp(kas)).isEqualTo(new KeepAliveTimer(effective));
    }

    @Test
    void keepAliveIsUnsignedMilliseconds() {
        assertThat(KeepAliveTimer.decode(-1).timeout()).isEqualTo(Duration.ofMillis(4294967295L));
        assertThat(new KeepAliveTimer(4294967295L).encode()).isEqualTo(-1);
        assertThatIllegalArgumentException().isThrownBy(() -> new KeepAliveTimer(1L << 32).encode());
    }

    @Test
    void volatileWriteCacheIsBitZero() {
        assertThat(VolatileWriteCache.decode(0xFFFFFFFE).enabled()).isFalse();
        assertThat(VolatileWriteCache.decode(1).enabled()).isTrue();
        assertThat(new VolatileWriteCache(true).encode()).isEqualTo(1);
        assertThat(new VolatileWriteCache(false).encode()).isZero();
    }

    @Test
    void hostBehaviorIsReadAndWritten() {
        Bytes data = Bytes.zeroes(512).at(0, "01 00 01 00 1C 00");
        HostBehavior behavior = new HostBehavior(true, false, true, false, 0x1C);
        data.assertEncodedBy(behavior::encode);
        assertThat(HostBehavior.decode(data.buffer(), INDEX)).isEqualTo(behavior);
        Bytes other = Bytes.zeroes(512).at(0, "00 01 00 01");
        assertThat(HostBehavior.decode(other.buffer(), INDEX)).isEqualTo(new HostBehavior(false, true, false, true, 0));
        assertThatExceptionOfType(SpecificationViolationException.class)
                .isThrownBy(() -> HostBehavior.decode(Bytes.blank(511), INDEX));
    }

    @Test
    void asyncEventIsReadAndWritten() {
        AsyncEvent event = AsyncEvent.decode(0x0070_F002, 9);
        assertThat(event)
                .isEqualTo(new AsyncEvent(
                        AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED, LogPage.DISCOVERY, 9));
        assertThat(event.encode()).isEqualTo(0x0070_F002);
        assertThat(event.needsReset()).isFalse();
        assertThat(AsyncEvent.decode(0x000C_0302, 0).information()).isEqualTo(AsyncEvent.INFO_NOTICE_ANA_CHANGED);
    }

    @ParameterizedTest
    @CsvSource({"03, true", "0103, true", "0300, true", "0400, false", "0301, false", "05, false"})
    void onlyImmediateAndPersistentInternalErrorsNeedAReset(String dw0, boolean reset) {
        assertThat(AsyncEvent.decode(Integer.parseInt(dw0, 16), 0).needsReset()).isEqualTo(reset);
    }

    @Test
    void reservedAsyncEventBitsAreIgnored() {
        assertThat(AsyncEvent.decode(0xFF01_00F8 | 7, 0)).isEqualTo(new AsyncEvent(7, 0, 1, 0));
    }
}
