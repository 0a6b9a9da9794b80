package io.nvmf.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RequireTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void whatIsWithinItsBoundsIsReturned() {
        assertThat(Require.range("n", 1, 1, 3)).isOne();
        assertThat(Require.range("n", 3L, 1, 3)).isEqualTo(3);
        assertThat(Require.range("t", MINUTE, SECOND, MINUTE)).isEqualTo(MINUTE);
        assertThat(Require.zeroOrRange("t", Duration.ZERO, SECOND, MINUTE)).isZero();
        assertThat(Require.positive("n", 1)).isOne();
        assertThat(Require.positive("t", SECOND)).isEqualTo(SECOND);
        assertThat(Require.positive("t", MINUTE, MINUTE)).isEqualTo(MINUTE);
        assertThat(Require.notNegative("n", 0)).isZero();
        assertThat(Require.notNegative("t", Duration.ZERO)).isZero();
        assertThat(Require.multiple("n", 8, 4)).isEqualTo(8);
    }

    @Test
    void whatIsNotIsNamedWithItsValueAndWhatIsAllowed() {
        fails(() -> Require.range("n", 0, 1, 3), "n 0 is outside 1..3");
        fails(() -> Require.range("n", 4L, 1, 3), "n 4 is outside 1..3");
        fails(() -> Require.range("t", MINUTE, SECOND, SECOND), "t PT1M is outside PT1S..PT1S");
        fails(
                () -> Require.zeroOrRange("t", Duration.ofMillis(1), SECOND, MINUTE),
                "t PT0.001S is outside PT1S..PT1M and not zero");
        fails(() -> Require.positive("n", 0), "n 0 is not positive");
        fails(() -> Require.positive("t", Duration.ZERO), "t PT0S is not positive");
        fails(() -> Require.positive("t", MINUTE, SECOND), "t PT1M is not positive and at most PT1S");
        fails(() -> Require.positive("t", Duration.ZERO, SECOND), "t PT0S is not positive and at most PT1S");
        fails(() -> Require.positive("t", SECOND.negated()), "t PT-1S is not positive");
        fails(() -> Require.notNegative("n", -1), "n -1 is negative");
        fails(() -> Require.notNegative("t", SECOND.negated()), "t PT-1S is negative");
        fails(() -> Require.multiple("n", 6, 4), "n 6 is not a multiple of 4");
    }

    private static void fails(ThrowingCallable check, String message) {
        assertThatIllegalArgumentException().isThrownBy(check).withMessage(message);
    }
}
