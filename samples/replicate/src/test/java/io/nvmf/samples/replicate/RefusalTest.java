package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before anything is written. */
class RefusalTest extends TwoTargets {

    private static final String URI = "nvme+tcp://192.0.2.1:4420/nqn.2026-01.io.nvmf:x";

    private void assertRefused(int exit, String named) {
        assertThat(exit).as(output()).isEqualTo(ReplicateCommand.REFUSED);
        assertThat(err.toString().lines()).singleElement().asString().contains(named);
        if (target != null) {
            assertThat(target.writes).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--offset 1000 | --offset 1000 is not a multiple of the source's blocks of 512 bytes",
                "--target-offset 512 | --target-offset 512 is not a multiple of the target's blocks of 4,096 bytes",
                "--offset 4M | --offset 4194304 is beyond the source, which has 4,194,304 bytes",
                "--offset 2M --length 3M | --length 3145728 is more than the 2,097,152 bytes that the source has from"
                        + " 2097152 on",
                "'' | the target is too small: 4,194,304 bytes are to be copied, and it has room for 3,145,728 bytes"
                        + " from 0 on; --length 3145728 copies what fits",
                "--target-offset 3M | has room for 0 bytes from 3145728 on",
                "--target-offset 8M --length 1 | has room for 0 bytes",
            })
    void whatDoesNotFit(String options, String named) {
        listen(4 * MIB, 512, 3 * MIB, 4096);

        assertRefused(options.isEmpty() ? run() : run(options.split(" ")), named);
        assertThat(state).doesNotExist();
    }

    @Test
    void aNamespaceOntoItselfWhateverItsAddress() {
        listen(4 * MIB, 512, 4 * MIB, 512);

        int exit = execute(from(), from().replace("127.0.0.1", "localhost"), "--state", state.toString());

        assertRefused(exit, "source and target are the same namespace: NGUID");
    }

    @Test
    void theStateOfAnotherCopyAndWhatIsNoState() throws IOException {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        CopyJob other = new CopyJob("UUID a", "UUID b", 1, 2, 0, 0, 1);
        new StateFile(state).save(CopyState.begin(other));

        assertRefused(run(), "is of another copy: it has source=UUID a, this one source=NGUID");
    }

    @Test
    void aFileThatIsNoStateAlsoWhenTheCopyBeginsAnew() throws IOException {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        Files.writeString(state, "something dear");

        assertRefused(run("--restart"), "is not a state file of nvmf-replicate, so it is not overwritten");
        assertThat(state).hasContent("something dear");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | (--demo | [FROM TO])",
                URI + " | TO",
                URI + " http://a/b | http",
                URI + " " + URI + "#ns=0 | namespace 0 is outside",
                "--demo " + URI + " " + URI + " | mutually exclusive",
                "--demo --length 1X | is no number of bytes",
                "--demo --length 0 | --length is zero",
                "--demo --limit 0 | --limit is zero",
                "--demo --chunk 1000 | --chunk 1000 is not a multiple of 4096",
                "--demo --chunk 2G | --chunk 2147483648",
                "--demo --window 0 | --window 0 is outside 1..1024",
                "--demo --checkpoint 1000 | --checkpoint 1000 is not a multiple of 1048576",
                "--demo --verify --verify-only | exclude each other",
                "--demo --frob | --frob",
            })
    void wrongOptionsInOneLine(String words, String named) {
        assertRefused(words.isEmpty() ? execute() : execute(words.split(" ")), named);
    }
}
