package io.nvmf.samples.perf;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import picocli.CommandLine;

/** Runs of a second, through the command line, against a target in the same JVM. */
abstract class CommandLineRun {

    static final String NQN = "nqn.2026-01.io.nvmf:perf-test";
    static final int BLOCK_SIZE = 4096;
    static final long SIZE = 1 << 20;

    private static final int MOST_RUNS = 20;
    private static final Pattern NOTHING_DONE = Pattern.compile("^I/Os +0$", Pattern.MULTILINE);

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    BoundTarget target;

    @AfterEach
    void closeTarget() {
        if (target != null) {
            target.close().block();
        }
    }

    final void listen(BlockStore store) {
        target = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bind()
                .block();
    }

    final int run(String... options) {
        List<String> all = new ArrayList<>(List.of("-r", target.uri(NQN).toString(), "-t", "1"));
        if (!List.of(options).contains("-a")) {
            all.addAll(List.of("-a", "0"));
        }
        all.addAll(List.of(options));
        return execute(all.toArray(String[]::new));
    }

    /** A busy machine may get nothing done within a second, which says nothing: there is another run then. */
    final int execute(String... options) {
        int exit = execute(new EarlyEnd(), options);
        for (int runs = 1;
                runs < MOST_RUNS
                        && exit == CommandLine.ExitCode.OK
                        && NOTHING_DONE.matcher(out.toString()).find();
                runs++) {
            out.getBuffer().setLength(0);
            err.getBuffer().setLength(0);
            exit = execute(new EarlyEnd(), options);
        }
        return exit;
    }

    final int execute(EarlyEnd earlyEnd, String... options) {
        return PerfCommand.commandLine(new PerfCommand(earlyEnd))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(options);
    }

    final long number(String name) {
        String line = out.toString()
                .lines()
                .filter(text -> text.startsWith(name))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(name.length()).strip().replace(",", ""));
    }

    /** A store in memory for tests to change. */
    static class Store extends DelegatingBlockStore {

        Store() {
            super(BlockStore.memory(SIZE, BLOCK_SIZE));
        }
    }
}
