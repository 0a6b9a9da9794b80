package io.nvmf.spring.health;

import io.nvmf.NvmeController;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.SmartHealthLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The SMART log page of a controller, read once for all who ask within a time. A refusal is an answer like any other. A
 * read that is under way is shared, and goes on when they have lost patience, so a controller that does not answer is
 * asked once.
 */
final class SmartReading {

    private static final List<String> WARNINGS =
            List.of("spare", "temperature", "reliability", "read-only", "backup", "persistent-memory");
    private static final int ZERO_CELSIUS_IN_KELVIN = 273;

    private final Duration timeToLive;
    private final AtomicReference<@Nullable Latest> latest = new AtomicReference<>();

    private record Latest(NvmeController controller, Mono<Summary> summary) {}

    /**
     * What of the page belongs into a report.
     *
     * @param criticalWarnings names of the warnings that are on
     * @param temperature degrees Celsius
     * @param availableSpare percent
     * @param percentageUsed may exceed 100
     */
    record Summary(List<String> criticalWarnings, long temperature, long availableSpare, long percentageUsed) {

        static Summary of(SmartHealthLog log) {
            List<String> warnings = new ArrayList<>();
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                if (log.has(SmartHealthLog.Field.CRITICAL_WARNING, 1L << bit)) {
                    warnings.add(bit < WARNINGS.size() ? WARNINGS.get(bit) : "bit-" + bit);
                }
            }
            return new Summary(
                    warnings,
                    log.get(SmartHealthLog.Field.COMPOSITE_TEMPERATURE) - ZERO_CELSIUS_IN_KELVIN,
                    log.get(SmartHealthLog.Field.AVAILABLE_SPARE),
                    log.get(SmartHealthLog.Field.PERCENTAGE_USED));
        }
    }

    SmartReading(Duration timeToLive) {
        this.timeToLive = timeToLive;
    }

    Mono<Summary> of(NvmeController controller) {
        Latest known = latest.get();
        if (known == null || known.controller() != controller) {
            Mono<Summary> summary = controller
                    .smartHealth()
                    .map(Summary::of)
                    .cache(
                            value -> timeToLive,
                            failure -> failure instanceof NvmeStatusException ? timeToLive : Duration.ZERO,
                            () -> Duration.ZERO);
            Latest next = new Latest(controller, summary);
            known = latest.compareAndSet(known, next) ? next : latest.get();
        }
        return known == null ? Mono.empty() : known.summary();
    }
}
