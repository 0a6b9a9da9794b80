package io.nvmf;

import io.nvmf.host.association.Association;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.DiscoveryLogHeader;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.LogPage;
import java.util.List;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads a discovery log page consistently: header, entries in parts, header again, and all over if the generation
 * counter has changed (NVMe Base Specification, "Discovery Log Page").
 */
final class NvmeDiscovery {

    /** How often the page is read before it is given up as ever changing. */
    static final int MAX_READS = 10;

    /** More entries than any fabric has; a bound on what a controller can make this host remember. */
    static final int MAX_ENTRIES = 65_536;

    /** Most entries per command where MDTS allows more. */
    private static final int MAX_ENTRIES_PER_READ = 128;

    private static final GetLogPageCommand PAGE = GetLogPageCommand.of(LogPage.DISCOVERY, DiscoveryLogHeader.LENGTH);

    private final Association association;

    NvmeDiscovery(Association association) {
        this.association = association;
    }

    Mono<List<DiscoveryLogEntry>> entries() {
        return read(1);
    }

    private Mono<List<DiscoveryLogEntry>> read(int attempt) {
        return header(true)
                .flatMap(before -> entries(before.recordCount(MAX_ENTRIES))
                        .collectList()
                        // the last read acknowledges the event, the ones before must not
                        .flatMap(entries -> header(false).flatMap(after -> {
                            if (after.generationCounter() == before.generationCounter()) {
                                return Mono.just(entries);
                            }
                            return attempt < MAX_READS ? read(attempt + 1) : Mono.error(everChanging(after));
                        })));
    }

    private RuntimeException everChanging(DiscoveryLogHeader last) {
        return association
                .failures()
                .limit(
                        "reads of the discovery log page",
                        MAX_READS,
                        MAX_READS,
                        "it changed during each of them, the generation counter is now "
                                + Long.toUnsignedString(last.generationCounter()));
    }

    private Mono<DiscoveryLogHeader> header(boolean retainEvent) {
        return association.adminCommands().logPage(PAGE.withRetainAsyncEvent(retainEvent), data -> {
            DiscoveryLogHeader header = DiscoveryLogHeader.decode(data, 0);
            header.recordCount(MAX_ENTRIES);
            return header;
        });
    }

    private Flux<DiscoveryLogEntry> entries(int count) {
        int step = entriesPerRead();
        return Flux.range(0, (count + step - 1) / step)
                .concatMap(part -> part(part * step, Math.min(step, count - part * step)), 0);
    }

    private Flux<DiscoveryLogEntry> part(int first, int count) {
        long offset = DiscoveryLogHeader.LENGTH + (long) first * DiscoveryLogEntry.LENGTH;
        GetLogPageCommand command =
                PAGE.withRange(offset, (long) count * DiscoveryLogEntry.LENGTH).withRetainAsyncEvent(true);
        return association
                .adminCommands()
                .logPage(
                        command,
                        data -> IntStream.range(0, count)
                                .mapToObj(entry -> DiscoveryLogEntry.decode(data, entry * DiscoveryLogEntry.LENGTH))
                                .toList())
                .flatMapIterable(entries -> entries);
    }

    private int entriesPerRead() {
        long limit = association.maxTransferBytes();
        long most = limit == 0 ? MAX_ENTRIES_PER_READ : limit / DiscoveryLogEntry.LENGTH;
        return (int) Math.max(1, Math.min(MAX_ENTRIES_PER_READ, most));
    }
}
