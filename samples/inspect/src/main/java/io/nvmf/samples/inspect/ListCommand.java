package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import java.util.List;
import picocli.CommandLine.Command;
import reactor.core.publisher.Mono;

/** Lists the namespaces of a subsystem. */
@Command(
        name = "list",
        description = "list the active namespaces; those with metadata or of another command set than NVM are left out")
final class ListCommand extends ControllerCommand {

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        return controller.namespaces().collectList().map(NamespaceText::list).map(List::of);
    }
}
