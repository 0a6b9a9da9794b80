package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.time.Duration;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IwarpOptionsTest {

    private static TransportOption<?> option(String name) {
        return IwarpOptions.all().stream()
                .filter(option -> option.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theProviderIsFoundWithItsOptions() {
        assertThat(ServiceLoader.load(RdmaProvider.class)).anySatisfy(provider -> {
            assertThat(provider).isInstanceOf(IwarpProvider.class);
            assertThat(provider.name()).isEqualTo("iwarp");
            assertThat(provider.options()).isEqualTo(IwarpOptions.all());
        });
    }

    @ParameterizedTest
    @CsvSource({
        "crc, false, false",
        "mulpdu, 128, 128",
        "mulpdu, 64768, 64768",
        "peer-to-peer, TRUE, true",
        "unnegotiated-reads, 0, 0",
        "start-timeout, 1, PT0.001S",
        "start-pause, 0, PT0S",
        "start-nudge, PT0.0001S, PT0.0001S",
        "close-timeout, 1500, PT1.5S",
    })
    void textIsUnderstood(String name, String text, String value) {
        assertThat(option(name).parse(text)).hasToString(value);
    }

    @ParameterizedTest
    @CsvSource({
        "crc, maybe",
        "mulpdu, 127",
        "mulpdu, 64769",
        "mulpdu, many",
        "unnegotiated-reads, 129",
        "start-timeout, 0",
        "start-pause, -1",
        "start-nudge, P1X",
        "close-timeout, PT2H",
        "loop-resources, any",
    })
    void textOutsideOfTheRangeIsRefused(String name, String text) {
        assertThatThrownBy(() -> option(name).parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void valuesAreTextAgain() {
        assertThat(IwarpOptions.START_PAUSE.write(Duration.ofMillis(7))).isEqualTo("7");
        assertThat(IwarpOptions.START_PAUSE.write(Duration.ofNanos(7))).isEqualTo("PT0.000000007S");
        assertThat(TransportOptions.none().require(IwarpOptions.CRC)).isTrue();
        assertThat(TransportOptions.none().get(IwarpOptions.MULPDU)).isNull();
    }
}
