package io.nvmf.spec.auth;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link AuthenticationMessageFuzzTest} with inputs that Jazzer finds; {@code JAZZER_FUZZ=1 mvn -Pfuzz test}. */
class AuthenticationMessageFuzz {

    static Stream<byte[]> seeds() {
        return IntStream.range(0, 64).mapToObj(AuthenticationMessageFuzzTest::input);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void bytesAreReadOrRefused(byte[] input) {
        AuthenticationMessageFuzzTest.decode(input);
    }
}
