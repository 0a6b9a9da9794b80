package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StateFileTest {

    private static final CopyJob JOB = new CopyJob("UUID a", "UUID b", 1000, 2000, 0, 512, 900);

    @TempDir
    Path directory;

    private Path path;
    private StateFile file;

    @BeforeEach
    void name() {
        path = directory.resolve("copy.state");
        file = new StateFile(path);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsSavedIsLoaded(boolean toVerify) throws IOException {
        CopyState state = new CopyState(JOB, 512, 0xFEDC_BA98, toVerify);

        file.save(CopyState.begin(JOB));
        file.save(state);

        assertThat(file.load(JOB)).contains(state);
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void noFileIsNoState() throws IOException {
        assertThat(file.load(JOB)).isEmpty();
        file.requireOursOrNone();
        file.delete();
    }

    @Test
    void namesOfAnyKindAreKeptInOneLineEach() throws IOException {
        CopyJob odd = new CopyJob("a\\nb", "namespace 1 of x\ny\r\nchecksum=0\u2028é", 1000, 2000, 0, 512, 900);
        file.save(new CopyState(odd, 1, 2, false));

        assertThat(file.load(odd)).contains(new CopyState(odd, 1, 2, false));
        assertThatThrownBy(() -> file.load(JOB)).isInstanceOf(RefusedException.class);
    }

    @Test
    void aStateThatWasBeingWrittenWhenThePowerFailedIsNotSeen() throws IOException {
        file.save(new CopyState(JOB, 512, 1, false));
        Files.writeString(directory.resolve("copy.state.new"), "nvmf-rep");

        assertThat(file.load(JOB)).contains(new CopyState(JOB, 512, 1, false));
        file.save(new CopyState(JOB, 900, 2, false));
        assertThat(file.load(JOB)).contains(new CopyState(JOB, 900, 2, false));
    }

    @Test
    void aFileThatIsTornAnywhereIsRefused() throws IOException {
        file.save(new CopyState(JOB, 512, 0xFEDC_BA98, false));
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> file.load(JOB))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    @Test
    void aFileWithAnyByteChangedOrMoreBytesIsRefused() throws IOException {
        file.save(new CopyState(JOB, 512, 0xFEDC_BA98, false));
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            for (int bit = 1; bit <= 0x80; bit <<= 1) {
                byte[] damaged = whole.clone();
                damaged[i] ^= (byte) bit;
                Files.write(path, damaged);
                assertThatThrownBy(() -> file.load(JOB))
                        .as("bit %02x of byte %d", bit, i)
                        .isInstanceOf(RefusedException.class);
            }
        }
        Files.write(path, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> file.load(JOB)).isInstanceOf(RefusedException.class);
    }

    @Test
    void anythingElseIsRefusedAndNotOverwritten() throws IOException {
        Files.writeString(path, "the only copy of my novel");

        assertThatThrownBy(() -> file.load(JOB)).hasMessageContaining("not a whole state file");
        assertThatThrownBy(file::requireOursOrNone)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("not overwritten");
    }

    @ParameterizedTest
    @CsvSource({
        "UUID z, UUID b, 1000, 2000, 0, 512, 900, source=UUID a",
        "UUID a, UUID z, 1000, 2000, 0, 512, 900, target=UUID b",
        "UUID a, UUID b, 1001, 2000, 0, 512, 900, source-size=1000",
        "UUID a, UUID b, 1000, 2001, 0, 512, 900, target-size=2000",
        "UUID a, UUID b, 1000, 2000, 1, 512, 900, offset=0",
        "UUID a, UUID b, 1000, 2000, 0, 513, 900, target-offset=512",
        "UUID a, UUID b, 1000, 2000, 0, 512, 901, length=900",
    })
    void theStateOfAnotherCopyIsRefused(
            String source,
            String target,
            long sourceSize,
            long targetSize,
            long offset,
            long targetOffset,
            long length,
            String named)
            throws IOException {
        file.save(new CopyState(JOB, 512, 1, false));
        CopyJob other = new CopyJob(source, target, sourceSize, targetSize, offset, targetOffset, length);

        assertThatThrownBy(() -> file.load(other))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another copy")
                .hasMessageContaining(named);
        assertThat(StateFile.nameFor(other)).isNotEqualTo(StateFile.nameFor(JOB));
    }
}
