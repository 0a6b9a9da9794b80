package io.nvmf.samples.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all subcommands have: a form of output. */
final class Output {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--json", description = "print JSON, for programs")
    private boolean json;

    void print(Part part) {
        printAll(List.of(part));
    }

    void printAll(List<Part> parts) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonWriter.write(parts) + '\n' : TextWriter.write(parts));
        flush(out);
    }

    /** Prints something that has just happened: when, what, and values. */
    void print(List<Field> event) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonWriter.line(event));
        } else {
            String values = event.stream()
                    .skip(2)
                    .map(field -> field.name() + ' ' + field.text())
                    .collect(Collectors.joining(", "));
            String what = event.get(0).text() + ' ' + event.get(1).text().replace('_', ' ');
            out.println(TextWriter.printable(values.isEmpty() ? what : what + ": " + values));
        }
        flush(out);
    }

    /** Writers and the standard output beneath keep errors to themselves until they are asked. */
    private static void flush(PrintWriter out) {
        if (out.checkError() || System.out.checkError()) {
            throw new UncheckedIOException("the output cannot be written", new IOException());
        }
    }

    /** Says something that is not output. */
    void note(String text) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(text);
        err.flush();
    }
}
