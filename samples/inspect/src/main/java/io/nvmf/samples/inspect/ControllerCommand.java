package io.nvmf.samples.inspect;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.recovery.Recovery;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Mono;

/** A subcommand that connects to a controller, asks it something, and disconnects. */
abstract class ControllerCommand implements Callable<Integer> {

    @Mixin
    final Output output = new Output();

    @Parameters(
            paramLabel = "URI",
            description = "nvme+tcp://host:port/subsystem-nqn, with options such as ?host-nqn= as the guide has them")
    @SuppressWarnings("NullAway.Init")
    NvmeClient client;

    @Override
    public Integer call() {
        // somebody who waits for an answer wants to hear of a loss, not of the next attempt
        output.printAll(Mono.usingWhen(client.recovery(Recovery.none()).connect(), this::ask, NvmeController::close)
                .blockOptional()
                .orElseThrow());
        return 0;
    }

    /** Asks. */
    abstract Mono<List<Part>> ask(NvmeController controller);
}
