package io.nvmf.testing.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks of a module: without arguments all of them for a moment each, one line per result as soon as it is there; with
 * arguments as JMH's command line says.
 */
public final class Benchmarks {

    /** What the profiler of allocation calls bytes per operation. */
    private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    private Benchmarks() {}

    /**
     * Runs them; fails on the first benchmark that does.
     *
     * @param args JMH's options, none for the short set
     * @throws RunnerException if a benchmark fails
     * @throws IOException if JMH cannot print its help
     */
    public static void main(String[] args) throws RunnerException, IOException {
        if (args.length > 0) {
            withOptions(args);
            return;
        }
        PrintStream out = System.out;
        out.printf("%-56s %14s %12s %14s%n", "benchmark", "ns/op", "± 99.9 %", "allocated B/op");
        for (String name : names()) {
            for (RunResult result : new Runner(quietly(name).build()).run()) {
                out.println(line(result));
            }
        }
    }

    /** JMH itself, which takes it for an error that no benchmark of the module has the name that is asked for. */
    private static void withOptions(String[] args) throws RunnerException, IOException {
        try {
            List<String> asked = new CommandLineOptions(args).getIncludes();
            if (asked.isEmpty() || names().stream().anyMatch(name -> matches(name, asked))) {
                org.openjdk.jmh.Main.main(args);
            }
        } catch (CommandLineOptionException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static boolean matches(String name, List<String> asked) {
        return asked.stream()
                .anyMatch(regex -> Pattern.compile(regex).matcher(name).find());
    }

    /** The benchmarks by qualified name of the method. */
    static Collection<String> names() {
        return BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(entry -> entry.getUsername())
                .sorted()
                .distinct()
                .toList();
    }

    /** One benchmark with all of its parameters, and its allocation; JMH itself prints nothing. */
    static ChainedOptionsBuilder quietly(String name) {
        return new OptionsBuilder()
                .include('^' + Pattern.quote(name) + '$')
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    static String line(RunResult result) {
        BenchmarkParams params = result.getParams();
        StringBuilder what = new StringBuilder(simpleName(params.getBenchmark()));
        for (String key : params.getParamsKeys()) {
            what.append(' ').append(key).append('=').append(params.getParam(key));
        }
        Result<?> time = result.getPrimaryResult();
        Result<?> bytes = result.getSecondaryResults().get(BYTES_PER_OPERATION);
        return String.format(
                Locale.ROOT,
                "%-56s %14.1f %12.1f %14.1f",
                what,
                time.getScore(),
                time.getScoreError(),
                bytes == null ? Double.NaN : bytes.getScore());
    }

    private static String simpleName(String qualified) {
        int method = qualified.lastIndexOf('.');
        return qualified.substring(qualified.lastIndexOf('.', method - 1) + 1);
    }
}
