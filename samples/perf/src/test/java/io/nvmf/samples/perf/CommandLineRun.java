package io.nvmf.samples.perf;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Runs of a second, through the command line, against a target in the same JVM. */
abstract class CommandLineRun {

    static final String NQN = "nqn.2026-01.io.nvmf:perf-test";
    static final int BLOCK_SIZE = 4096;
    static final long SIZE = 1 << 20;

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

    final int execute(String... options) {
        return execute(new EarlyEnd(), options);
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
