package io.nvmf.spec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link DecoderFuzzTest} with inputs that Jazzer finds; {@code JAZZER_FUZZ=1 mvn -Pfuzz test}. */
class DecoderFuzz {

    static Stream<byte[]> seeds() {
        return IntStream.range(0, 64).mapToObj(DecoderFuzzTest::input);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void bytesAreReadOrRefused(byte[] input) {
        DecoderFuzzTest.decode(input);
    }
}
