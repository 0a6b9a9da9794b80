package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import java.util.List;
import picocli.CommandLine.Command;
import reactor.core.publisher.Mono;

/** Shows features. */
@Command(
        name = "features",
        description = "show the current values of the features that the controller has (Get Features)")
final class FeaturesCommand extends ControllerCommand {

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        return new Features(controller).all().map(List::of);
    }
}
