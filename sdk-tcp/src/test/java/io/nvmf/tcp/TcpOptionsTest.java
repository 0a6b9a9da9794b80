package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.NvmeClient;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Options are checked where they are set, and survive as text. */
class TcpOptionsTest {

    private record Bounds(TransportOption<Duration> option, Duration least, Duration most) {}

    private static final List<Bounds> TIMES = List.of(
            new Bounds(TcpOptions.TERMINATION_TIMEOUT, Duration.ZERO, TcpOptions.MAX_TERMINATION_TIMEOUT),
            new Bounds(
                    TcpOptions.INITIALIZATION_TIMEOUT,
                    TcpOptions.MIN_INITIALIZATION_TIMEOUT,
                    TcpOptions.MAX_INITIALIZATION_TIMEOUT),
            new Bounds(TcpOptions.BUSY_POLL, Duration.ZERO, TcpOptions.MAX_BUSY_POLL));

    @Test
    void everyTimeIsRefusedWithItsBoundOrSurvivesAsText() {
        Random random = new Random(2);
        for (Bounds bounds : TIMES) {
            for (int i = 0; i < 20_000; i++) {
                Duration time = i == 0
                        ? Duration.ofSeconds(Long.MAX_VALUE)
                        : i == 1
                                ? Duration.ofSeconds(Long.MIN_VALUE)
                                : Duration.ofSeconds(
                                        random.nextLong() >> random.nextInt(64),
                                        random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
                if (time.compareTo(bounds.least) < 0 || time.compareTo(bounds.most) > 0) {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> TransportOptions.none().with(bounds.option, time))
                            .withMessageContaining(bounds.most.toString())
                            .withMessageContaining(time.toString());
                } else {
                    TransportOptions.none().with(bounds.option, time);
                    assertThat(bounds.option.parse(bounds.option.write(time))).isEqualTo(time);
                }
            }
            bounds.option.check(bounds.least);
            bounds.option.check(bounds.most);
        }
    }

    @Test
    void textBeyondTheBoundsIsRefused() {
        for (String text : List.of("-1", "86400001", "9223372036854775807", "99999999999999999999", "1.5", "x", "PX")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TcpOptions.TERMINATION_TIMEOUT.parse(text))
                    .withMessageContaining("termination-timeout");
        }
        assertThat(TcpOptions.TERMINATION_TIMEOUT.parse("1500")).isEqualTo(Duration.ofMillis(1500));
        assertThat(TcpOptions.BUSY_POLL.parse("50")).isEqualTo(Duration.ofNanos(50_000));
    }

    @Test
    void optionsSurviveInTheUriOfAClient() {
        NvmeClient client = NvmeClient.create()
                .remoteHost("a")
                .option(TcpOptions.HEADER_DIGEST, true)
                .option(TcpOptions.MAX_R2T, 7)
                .option(TcpOptions.BUSY_POLL, Duration.ofNanos(1))
                .option(TcpOptions.TERMINATION_TIMEOUT, Duration.ofSeconds(3));

        assertThat(client.uri())
                .hasToString(
                        "nvme+tcp://a?busy-poll=PT0.000000001S&header-digest=true&max-r2t=7&termination-timeout=3000");
        assertThat(NvmeClient.from(client.uri()).uri()).isEqualTo(client.uri());
    }
}
