package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import io.nvmf.spec.AdminOpcode;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Measures how long a controller takes to answer. */
@Command(name = "ping", description = "measure how long the controller takes to answer Keep Alive commands")
final class PingCommand extends ControllerCommand {

    private static final int NANOS_PER_MICRO = 1000;
    private static final int MOST = 1_000_000;

    @Option(names = "--count", paramLabel = "COUNT", defaultValue = "4", description = "how many, 4 if not said")
    private int count;

    @Option(
            names = "--interval",
            paramLabel = "MILLIS",
            defaultValue = "200",
            description = "time between two, 200 if not said")
    private int millis;

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        if (count < 1 || count > MOST || millis < 0) {
            return Mono.error(new IllegalArgumentException(
                    "--count " + count + " and --interval " + millis + ": at least 1 and 0, at most " + MOST));
        }
        return Flux.range(1, count)
                .concatMap(number -> once(controller, number))
                .collectList()
                .map(rows -> List.of(new Part.Many("Keep Alive", List.of("NUMBER", "TIME"), rows)));
    }

    private Mono<List<Field>> once(NvmeController controller, int number) {
        Mono<Long> time = Mono.defer(() -> {
            long sent = System.nanoTime();
            return controller
                    .adminQueue()
                    .execute(io.nvmf.command.Command.opcode(AdminOpcode.KEEP_ALIVE)
                            .build())
                    .map(completion -> {
                        completion.release();
                        return (System.nanoTime() - sent) / NANOS_PER_MICRO;
                    });
        });
        return (number == 1 ? time : time.delaySubscription(Duration.ofMillis(millis)))
                .map(micros -> List.of(Field.of("NUMBER", number), new Field("MICROSECONDS", micros, micros + " µs")));
    }
}
