package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import java.util.List;
import picocli.CommandLine.Command;
import reactor.core.publisher.Mono;

/** Shows the Identify Controller data structure. */
@Command(name = "id-ctrl", description = "show what a controller says of itself (Identify Controller)")
final class IdentifyControllerCommand extends ControllerCommand {

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        return Mono.fromSupplier(() -> List.of(ControllerText.of(controller.identify())));
    }
}
