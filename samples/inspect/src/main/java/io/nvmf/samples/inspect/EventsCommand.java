package io.nvmf.samples.inspect;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.recovery.ControllerState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Shows what a controller tells, as it tells it. */
@Command(
        name = "events",
        description = "show what a controller tells, and what becomes of the connection, until Ctrl-C; with --json an"
                + " object in each line")
final class EventsCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "URI", description = "nvme+tcp://host:port/subsystem-nqn")
    @SuppressWarnings("NullAway.Init")
    private NvmeClient client;

    @Option(names = "--count", paramLabel = "COUNT", defaultValue = "0", description = "end after so many; 0: never")
    private long count;

    /** Why there is no connection; null while there is one. */
    private volatile @Nullable String away;

    /** Not null once the controller is given up. */
    private volatile @Nullable NvmeConnectionException givenUp;

    @Override
    public Integer call() {
        Flux<List<Field>> told = Flux.usingWhen(client.connect(), this::listen, NvmeController::close);
        (count > 0 ? told.take(count) : told)
                .publishOn(Schedulers.boundedElastic()) // writing to a terminal blocks
                .doOnNext(event -> output.print(event))
                .blockLast();
        NvmeConnectionException lost = givenUp;
        if (lost != null) {
            throw lost;
        }
        return 0;
    }

    private Flux<List<Field>> listen(NvmeController controller) {
        Thread onSignal = new Thread(
                () -> controller.close().timeout(PATIENCE).onErrorComplete().block(), "close");
        Runtime.getRuntime().addShutdownHook(onSignal);
        controller.onClose().subscribe(closed -> {}, failure -> {}, () -> remove(onSignal));
        return Flux.merge(
                        controller.events().map(EventText::of),
                        controller
                                .states()
                                .skipWhile(ControllerState::isLive)
                                .doOnNext(this::see)
                                .map(EventText::of),
                        Mono.<List<Field>>fromRunnable(() -> output.note("listening to controller " + controller.id()
                                + " of " + controller.subsystem() + "; Ctrl-C ends")))
                .map(EventsCommand::timed);
    }

    private void see(ControllerState state) {
        if (state instanceof ControllerState.Live) {
            away = null;
        } else if (state instanceof ControllerState.Reconnecting next) {
            away = next.reason().map(why -> String.valueOf(why.getMessage())).orElse(null);
        } else if (state instanceof ControllerState.Lost lost) {
            String why = away == null ? EventText.reason(lost.termination()) : away;
            givenUp = new NvmeConnectionException(
                    "the controller is given up: " + why, CommandOutcome.NOT_SENT, lost.termination(), null);
        }
    }

    private static List<Field> timed(List<Field> event) {
        List<Field> timed = new ArrayList<>();
        timed.add(Field.of("time", Instant.now().truncatedTo(ChronoUnit.MILLIS)));
        timed.addAll(event);
        return timed;
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: this JVM is about to end, by a signal.
        }
    }
}
