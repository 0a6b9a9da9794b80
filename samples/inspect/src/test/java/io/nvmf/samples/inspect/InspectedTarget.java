package io.nvmf.samples.inspect;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Runs of the program against a target in this JVM that always says the same of itself, but for its port. */
abstract class InspectedTarget {

    static final String DISK = "nqn.2026-01.io.nvmf:inspect-disk";
    static final String TAPE = "nqn.2026-01.io.nvmf:inspect-tape";
    static final String PRIVATE = "nqn.2026-01.io.nvmf:inspect-private";
    static final String HOST = "nqn.2026-01.io.nvmf:inspect-host";

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    BoundTarget target;

    @BeforeEach
    void listen() {
        target = NvmeTarget.create()
                .subsystem(
                        DISK,
                        disk -> disk.namespace(1, BlockStore.memory(64 << 20, 4096))
                                .namespace(7, BlockStore.memory(1 << 20, 512)))
                .subsystem(TAPE, tape -> tape.namespace(1, BlockStore.memory(1 << 20, 4096)))
                .subsystem(
                        PRIVATE,
                        hidden -> hidden.namespace(1, BlockStore.memory(1 << 20, 4096))
                                .allowHosts(HOST))
                .bind()
                .block();
    }

    @AfterEach
    void close() {
        target.close().block();
    }

    final String uri(String nqn) {
        return target.uri(nqn).toString();
    }

    final String port() {
        return target.address().service();
    }

    final int run(String... words) {
        return InspectCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }
}
