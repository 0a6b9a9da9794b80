package io.nvmf.tcp.tls;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link ClientHelloFuzzTest} with inputs that Jazzer finds; {@code JAZZER_FUZZ=1 mvn -Pfuzz test}. */
class ClientHelloFuzz {

    static Stream<byte[]> seeds() {
        return IntStream.range(0, 64).mapToObj(ClientHelloFuzzTest::input);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void bytesAreReadAsFarAsTheyGo(byte[] input) {
        ClientHelloFuzzTest.read(input);
    }
}
