package io.nvmf.samples.inspect;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Runs of the program against a target in this JVM that always says the same of itself, but for its port. */
abstract class InspectedTarget {

    static final String DISK = "nqn.2026-01.io.nvmf:inspect-disk";
    static final String TAPE = "nqn.2026-01.io.nvmf:inspect-tape";
    static final String PRIVATE = "nqn.2026-01.io.nvmf:inspect-private";
    static final String HOST = "nqn.2026-01.io.nvmf:inspect-host";

    final Pipe out = new Pipe();
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

    /** The words that run the program as a process of its own. */
    static List<String> command(String... words) {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        all.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-classpath"));
        all.add(System.getProperty("java.class.path"));
        all.add(InspectCommand.class.getName());
        all.addAll(List.of(words));
        return all;
    }

    /** Keeps what it is given, as long as somebody reads it. */
    static final class Pipe extends Writer {

        private final StringWriter text = new StringWriter();
        private volatile boolean broken;

        void breaks() {
            broken = true;
        }

        void clear() {
            text.getBuffer().setLength(0);
        }

        @Override
        public void write(char[] characters, int offset, int length) throws IOException {
            if (broken) {
                throw new IOException("Broken pipe");
            }
            text.write(characters, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
