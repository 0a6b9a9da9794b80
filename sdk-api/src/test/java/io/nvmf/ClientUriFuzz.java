package io.nvmf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link ClientUriFuzzTest} with inputs that Jazzer finds; {@code JAZZER_FUZZ=1 mvn -Pfuzz test}. */
class ClientUriFuzz {

    static Stream<byte[]> seeds() {
        return IntStream.range(0, 20).mapToObj(ClientUriFuzzTest::input);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void textIsUnderstoodOrRefusedWithAReason(byte[] input) {
        ClientUriFuzzTest.parse(new String(input, StandardCharsets.UTF_8));
    }
}
