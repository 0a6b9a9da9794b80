package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is printed, compared with the files in {@code src/test/resources/golden}. {@code -Dnvmf.golden=write} writes
 * them; look at the difference before you commit it: programs rely on the names in the JSON.
 */
class GoldenTest extends InspectedTarget {

    private static final Path FILES = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @CsvSource({
        "discover",
        "list",
        "id-ctrl",
        "id-ns",
        "id-ns --nsid 7",
        "logs",
        "logs smart",
        "logs 05h --length 64 firmware",
        "features",
    })
    void outputIsAsInTheFile(String command) throws IOException {
        compare(command, "", "txt");
        compare(command, " --json", "json");
    }

    private void compare(String command, String json, String ending) throws IOException {
        List<String> words = new ArrayList<>(List.of((command + json).split(" ")));
        words.add(1, command.equals("discover") ? "127.0.0.1:" + port() : uri(DISK) + "?host-nqn=" + HOST);
        out.clear();

        assertThat(run(words.toArray(String[]::new))).as(err.toString()).isZero();

        String actual = out.toString()
                .replaceAll(port() + " *", "PORT ")
                .replaceAll("(?i)(\"?cntlid\"?:? +)\\d{1,4}\\b", "$1N");
        Path file = FILES.resolve(command.replace(" ", "_") + '.' + ending);
        if ("write".equals(System.getProperty("nvmf.golden"))) {
            Files.writeString(file, actual);
        }
        assertThat(actual).isEqualTo(Files.readString(file));
    }
}
