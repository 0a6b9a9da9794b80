package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Copies that end before their end, and go on. */
class ResumeTest extends TwoTargets {

    private long durable() throws IOException {
        return Files.readAllLines(state).stream()
                .filter(line -> line.startsWith("durable="))
                .mapToLong(line -> Long.parseLong(line.substring("durable=".length())))
                .findFirst()
                .orElseThrow();
    }

    private void assertGoesOn(long durable) {
        target.writes.clear();
        assertThat(run("--verify", "--checkpoint", "1M")).as(output()).isZero();

        assertThat(target.writes)
                .isNotEmpty()
                .allSatisfy(offset -> assertThat(offset).isGreaterThanOrEqualTo(durable));
        int size = (int) source.size();
        assertThat(target.get(0, size)).isEqualTo(source.get(0, size));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCopyWhoseProcessIsKilledOrToldToEndGoesOnWhereItsStateSays(boolean killed) throws Exception {
        listen(8 * MIB, 4096, 8 * MIB, 4096);
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command("--checkpoint", "1M", "--limit", "2M"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Awaitility.await().until(() -> Files.exists(state) && durable() >= 2 * MIB);
            if (!killed) {
                process.destroy();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(log).content().contains("stopped; the same command goes on where it was");
            }
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
        long durable = durable();
        assertThat(durable).as(Files.readString(log)).isLessThan(8 * MIB);

        assertGoesOn(durable);
        assertThat(out.toString()).contains(String.format("going on at %,d of 8,388,608 bytes", durable));
    }

    private List<String> command(String... options) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-classpath"));
        words.add(System.getProperty("java.class.path"));
        words.add(ReplicateCommand.class.getName());
        words.addAll(List.of(from(), to(), "--state", state.toString()));
        words.addAll(List.of(options));
        return words;
    }

    /** Wherever that is: a state never says more than what is written and flushed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 128, 1000, 1024, 1025, 2000, 2048, 2500, 3000, 4000})
    void aCopyThatIsCancelledGoesOnWhereItsStateSays(int kibibytes) throws Exception {
        listen(4 * MIB, 4096, 4 * MIB, 4096);
        Sinks.Empty<Void> cancelled = Sinks.empty();
        target.onWrite = bytes -> {
            if (bytes >= kibibytes * 1024L) {
                cancelled.tryEmitEmpty();
            }
        };
        CopyOptions options = new CopyOptions(64 * 1024, 4, MIB, Optional.empty(), Schedulers.parallel());
        CopyJob job = job();
        Listener nobody = new Listener() {
            @Override
            public void reached(long bytes) {}

            @Override
            public void note(String text) {}
        };
        withBoth((from, to) -> new Copy(from, to, CopyState.begin(job), new StateFile(state), options, nobody)
                        .run()
                        .takeUntilOther(cancelled.asMono()))
                .block();
        target.onWrite = bytes -> {};
        Optional<CopyState> left = new StateFile(state).load(job);

        assertThat(left).isPresent();
        assertThat(left.get().durable()).isLessThanOrEqualTo(target.bytesFlushed.get());
        assertGoesOn(left.get().durable());
    }

    @Test
    void aCopyThatBeginsAnewCopiesAll() throws Exception {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        CopyJob job = job();
        new StateFile(state).save(new CopyState(job, MIB, 0xBAD, false));

        assertThat(run("--restart", "--verify")).as(output()).isZero();

        assertThat(target.writes).contains(0L);
        assertThat(out.toString()).contains("copied 2,097,152 bytes");
    }

    /** The checksum of what was copied before is in the state: what became of it since then is seen. */
    @Test
    void damageToWhatWasCopiedBeforeIsFound() throws Exception {
        listen(2 * MIB, 4096, 2 * MIB, 4096);
        CopyJob job = job();
        new StateFile(state).save(new CopyState(job, MIB, 0xBAD, false));

        assertThat(run("--verify")).as(output()).isEqualTo(ReplicateCommand.FAILED);
        assertThat(out.toString()).contains("THE DATA DIFFERS");
    }
}
