package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmAdviceTest {

    @Test
    void newerJvmWithoutDirectAccessIsToldTheOptions() {
        assertThat(JvmAdvice.of(24, false))
                .contains("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void otherJvmsAreToldNothing() {
        assertThat(JvmAdvice.of(25, true)).isNull();
        assertThat(JvmAdvice.of(17, false)).isNull();
        assertThat(JvmAdvice.of(17, true)).isNull();
    }
}
