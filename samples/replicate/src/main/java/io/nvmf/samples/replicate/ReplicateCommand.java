package io.nvmf.samples.replicate;

import io.nvmf.command.NvmeException;
import io.nvmf.samples.replicate.Request.Task;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import reactor.core.Exceptions;
import reactor.core.scheduler.Schedulers;

/** The program: reads the options, runs, tells what came of it. */
@Command(
        name = "nvmf-replicate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Copies an NVMe namespace to another one, which is overwritten. A copy that was killed or has failed"
                        + " goes on where it was when the same command is given again.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the target has the data",
            "1:it has not: the copy has failed, or the data differs",
            "2:wrong options, or namespaces or a state file that do not go with them; nothing was written"
        })
final class ReplicateCommand implements Callable<Integer> {

    /** The target has the data. */
    static final int EQUAL = 0;

    /** It has not. */
    static final int FAILED = 1;

    /** Nothing was tried. */
    static final int REFUSED = 2;

    private static final long DEFAULT_PART = 256L << 20;
    private static final int SECONDS_OF_A_PART = 10;
    private static final int MOST_CHUNK = 1 << 30;
    private static final int LEAST_CHUNK = 4096;
    private static final int MOST_WINDOW = 1024;

    /** From where to where. */
    static final class Where {
        @ArgGroup(exclusive = false)
        @Nullable
        Addresses addresses;

        @Option(
                names = "--demo",
                required = true,
                description = "copy 64 MiB between two targets in this process, to see it work")
        boolean demo;
    }

    /** Source and target. */
    static final class Addresses {
        @Parameters(
                index = "0",
                paramLabel = "FROM",
                description = "the source: nvme+tcp://host:port/subsystem-nqn[#ns=1]")
        @SuppressWarnings("NullAway.Init")
        NamespaceAddress from;

        @Parameters(index = "1", paramLabel = "TO", description = "the target, likewise; IT IS OVERWRITTEN")
        @SuppressWarnings("NullAway.Init")
        NamespaceAddress to;
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Where where;

    @Option(
            names = "--offset",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "where to begin in the source; K, M, G and T are understood")
    private ByteSize offset = new ByteSize(0);

    @Option(
            names = "--target-offset",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "where the first byte goes in the target")
    private ByteSize targetOffset = new ByteSize(0);

    @Option(names = "--length", paramLabel = "BYTES", description = "how much; without this the rest of the source")
    @Nullable
    private ByteSize length;

    @Option(names = "--limit", paramLabel = "BYTES", description = "bytes per second at most")
    @Nullable
    private ByteSize limit;

    @Option(names = "--verify", description = "then read the target back and compare checksums")
    private boolean verify;

    @Option(names = "--verify-only", description = "copy nothing: read both sides and compare them")
    private boolean verifyOnly;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "keeps how far the copy is; without this nvmf-replicate-….state in the working directory, with"
                            + " a name of its own for each copy. It is deleted in the end")
    @Nullable
    private Path state;

    @Option(names = "--restart", description = "copy from the beginning, whatever the state file says")
    private boolean restart;

    @Option(
            names = "--checkpoint",
            paramLabel = "BYTES",
            description =
                    "flush the target after so many bytes, and note how far the copy is, in MiB; so much is copied"
                            + " again at most after the program was killed, or what is copied in a second if that is"
                            + " more. 256M, or 10 s of the limit if that is less")
    @Nullable
    private ByteSize checkpoint;

    @Option(
            names = "--chunk",
            paramLabel = "BYTES",
            defaultValue = "128K",
            description = "bytes of a command at most, a multiple of 4K")
    private ByteSize chunk = new ByteSize(0);

    @Option(
            names = "--window",
            paramLabel = "COUNT",
            defaultValue = "16",
            description = "commands in flight on each side")
    private int window;

    /** Runs the program and ends the JVM. */
    public static void main(String[] args) {
        System.exit(commandLine(new ReplicateCommand()).execute(args));
    }

    static CommandLine commandLine(ReplicateCommand command) {
        return new CommandLine(command)
                .registerConverter(ByteSize.class, converter(ByteSize::parse))
                .registerConverter(NamespaceAddress.class, converter(NamespaceAddress::parse))
                .setParameterExceptionHandler((failure, words) -> wrong(failure))
                .setExecutionExceptionHandler((failure, line, parsed) -> failed(failure, line.getErr()));
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    private static int wrong(ParameterException failure) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println("wrong: " + failure.getMessage() + "; --help tells what there is");
        return REFUSED;
    }

    private static int failed(Exception failure, PrintWriter err) throws Exception {
        Throwable cause = Exceptions.unwrap(failure);
        if (cause instanceof RefusedException) {
            err.println("refused: " + cause.getMessage());
            return REFUSED;
        }
        if (cause instanceof NvmeException || cause instanceof CopyStoppedException) {
            err.println("failed: " + cause.getMessage());
            return FAILED;
        }
        if (cause instanceof IOException) {
            err.println("failed: " + cause); // the message of many is a file name only
            return FAILED;
        }
        throw failure;
    }

    @Override
    public Integer call() throws IOException {
        Addresses addresses = where.addresses;
        if (addresses != null) {
            return run(request(addresses.from, addresses.to, Optional.ofNullable(state)));
        }
        Path directory = Files.createTempDirectory("nvmf-replicate");
        Path file = directory.resolve("demo.state");
        try (Demo demo = Demo.start()) {
            return run(request(demo.from(), demo.to(), Optional.of(file)));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    private int run(Request request) {
        CommandLine line = spec.commandLine();
        Replication replication = new Replication(request, line.getOut(), line.getErr(), Display.onTerminal());
        Thread onSignal = new Thread(replication::stop, "stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            Optional<Boolean> equal = replication.run().blockOptional();
            if (equal.isEmpty()) {
                line.getErr().println("stopped; the same command goes on where it was");
            }
            return equal.orElse(false) ? EQUAL : FAILED;
        } finally {
            removeHook(onSignal);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: this JVM is about to end, by a signal.
        }
    }

    /** What was asked for; fails like picocli does if that makes no sense. */
    Request request(NamespaceAddress from, NamespaceAddress to, Optional<Path> stateFile) {
        if (verify && verifyOnly) {
            throw wrong("--verify and --verify-only exclude each other");
        }
        if (length != null && length.bytes() == 0) {
            throw wrong("--length is zero");
        }
        if (limit != null && limit.bytes() == 0) {
            throw wrong("--limit is zero");
        }
        if (chunk.bytes() < LEAST_CHUNK || chunk.bytes() > MOST_CHUNK || chunk.bytes() % LEAST_CHUNK != 0) {
            throw wrong("--chunk " + chunk.bytes() + " is not a multiple of " + LEAST_CHUNK + " within " + LEAST_CHUNK
                    + ".." + MOST_CHUNK);
        }
        if (window < 1 || window > MOST_WINDOW) {
            throw wrong("--window " + window + " is outside 1.." + MOST_WINDOW);
        }
        return new Request(
                from,
                to,
                offset.bytes(),
                targetOffset.bytes(),
                Optional.ofNullable(length).map(ByteSize::bytes),
                verifyOnly ? Task.VERIFY : verify ? Task.COPY_AND_VERIFY : Task.COPY,
                stateFile,
                restart,
                new CopyOptions(
                        (int) chunk.bytes(),
                        window,
                        part(),
                        Optional.ofNullable(limit).map(ByteSize::bytes),
                        Schedulers.parallel()));
    }

    private long part() {
        long least = Copy.LEAST_PART;
        if (checkpoint != null) {
            if (checkpoint.bytes() < least || checkpoint.bytes() % least != 0) {
                throw wrong("--checkpoint " + checkpoint.bytes() + " is not a multiple of " + least);
            }
            return checkpoint.bytes();
        }
        if (limit == null || limit.bytes() >= DEFAULT_PART) {
            return DEFAULT_PART;
        }
        return Math.max(least, Math.min(DEFAULT_PART, limit.bytes() * SECONDS_OF_A_PART) / least * least);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
