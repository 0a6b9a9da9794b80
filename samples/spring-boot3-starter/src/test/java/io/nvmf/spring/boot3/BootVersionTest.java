package io.nvmf.spring.boot3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootVersion;
import org.springframework.core.SpringVersion;

/** All other tests of this module are those of the starter for Spring Boot 4, so this is what they run with. */
class BootVersionTest {

    @Test
    void testsOfTheStarterRunWithSpringBoot3() {
        assertThat(SpringBootVersion.getVersion()).startsWith("3.5.");
        assertThat(SpringVersion.getVersion()).startsWith("6.2.");
    }
}
