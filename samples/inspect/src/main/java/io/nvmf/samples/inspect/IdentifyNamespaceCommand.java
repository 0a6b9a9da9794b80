package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** Shows the Identify Namespace data structure. */
@Command(name = "id-ns", description = "show what a controller says of a namespace (Identify Namespace)")
final class IdentifyNamespaceCommand extends ControllerCommand {

    @Option(
            names = {"-n", "--nsid"},
            paramLabel = "NSID",
            defaultValue = "1",
            description = "which one, 1 if not said")
    private long nsid;

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        if (nsid < 0 || nsid > 0xFFFF_FFFFL) {
            return Mono.error(new IllegalArgumentException("--nsid " + nsid + " is outside 1..4294967294"));
        }
        return controller.namespace((int) nsid).map(NamespaceText::of).map(List::of);
    }
}
