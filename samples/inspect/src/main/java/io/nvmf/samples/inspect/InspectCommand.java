package io.nvmf.samples.inspect;

import io.nvmf.NvmeClient;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import reactor.core.Exceptions;

/** The program: one subcommand for each question. */
@Command(
        name = "nvmf-inspect",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows what NVMe subsystems say of themselves. Changes nothing.",
        subcommands = {
            DiscoverCommand.class,
            ListCommand.class,
            IdentifyControllerCommand.class,
            IdentifyNamespaceCommand.class,
            LogsCommand.class,
            FeaturesCommand.class,
            EventsCommand.class,
            PingCommand.class,
            GenerateCompletion.class
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:answered",
            "1:the connection could not be made or is lost for good, or the output cannot be written",
            "2:wrong options",
            "3:the other side has answered that there is no such thing, or that it is not for us"
        })
final class InspectCommand {

    /** Runs the program and ends the JVM. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new InspectCommand());
        line.registerConverter(NvmeClient.class, InspectCommand::client)
                .setParameterExceptionHandler((failure, words) -> wrong(failure))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command.getErr()));
        return line;
    }

    private static NvmeClient client(String uri) {
        try {
            return NvmeClient.from(uri);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static int wrong(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("wrong: " + TextWriter.printable(String.valueOf(failure.getMessage())));
        err.println("hint: '" + command.getCommandSpec().qualifiedName() + " --help' tells what there is");
        return Failure.USAGE;
    }

    private static int failed(Exception thrown, PrintWriter err) throws Exception {
        Optional<Failure> known = Failure.of(Exceptions.unwrap(thrown));
        if (known.isEmpty()) {
            throw thrown;
        }
        Failure failure = known.get();
        err.println("failed: " + TextWriter.printable(failure.text()));
        failure.hint().ifPresent(hint -> err.println("hint: " + hint));
        return failure.exit();
    }
}
