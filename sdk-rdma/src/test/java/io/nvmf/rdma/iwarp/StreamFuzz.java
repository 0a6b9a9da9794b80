package io.nvmf.rdma.iwarp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link StreamFuzzTest} with inputs that Jazzer finds; {@code JAZZER_FUZZ=1 mvn -Pfuzz test}. */
class StreamFuzz {

    /** Streams for which keys do not have to be guessed. */
    static Stream<byte[]> seeds() {
        byte[] data = TestFpdu.pattern(40, 1);
        byte[] stream = TestFpdu.join(List.of(
                TestFpdu.write(1, 0, new byte[0]),
                TestFpdu.untagged(3, false, 0, 0, 1, 0, data),
                TestFpdu.untagged(3, true, 0, 0, 1, 40, data),
                TestFpdu.readRequest(1, 1, 2, 0, 3, 4),
                TestFpdu.send(2, data),
                TestFpdu.terminate(0x11, 0, 0)));
        return IntStream.of(0, 20, 80, 150, stream.length).mapToObj(n -> Arrays.copyOf(stream, n));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void aConnectionSurvivesWhateverComes(byte[] input) {
        for (boolean checked : new boolean[] {true, false}) {
            try (StreamFuzzTest.Scene scene = new StreamFuzzTest.Scene(checked)) {
                scene.iwarp.deliver(input);
                scene.iwarp.sent();
                scene.assertEnds("input");
            }
        }
    }
}
