package io.nvmf.samples.inspect;

import io.nvmf.NvmeClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists the subsystems that a discovery controller knows. */
@Command(name = "discover", description = "list the subsystems that a discovery controller knows")
final class DiscoverCommand implements Callable<Integer> {

    @Mixin
    private final Output output = new Output();

    @Parameters(
            paramLabel = "ADDRESS",
            description = "host, host:port, or nvme+tcp://host:port; the port is 8009 if there is none")
    @SuppressWarnings("NullAway.Init")
    private String address;

    @Override
    public Integer call() {
        NvmeClient client = NvmeClient.from(address.contains("://") ? address : "nvme+tcp://" + address);
        output.print(
                DiscoveryText.of(client.discover().collectList().blockOptional().orElseThrow()));
        return 0;
    }
}
