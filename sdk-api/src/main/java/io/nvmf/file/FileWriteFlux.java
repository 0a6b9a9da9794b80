package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** A source that is written to a file, as a cold publisher of the progress. */
final class FileWriteFlux extends Flux<Long> {

    private final Publisher<? extends ByteBuf> source;
    private final FileFlux.Opener opener;
    private final FileWrite.Settings settings;
    private final Scheduler scheduler;

    private FileWriteFlux(
            Publisher<? extends ByteBuf> source,
            FileFlux.Opener opener,
            FileWrite.Settings settings,
            Scheduler scheduler) {
        this.source = source;
        this.opener = opener;
        this.settings = settings;
        this.scheduler = scheduler;
    }

    /**
     * Describes the writing.
     *
     * @param source what is written
     * @param opener called once for each subscription
     * @param settings how
     * @param scheduler its threads may block
     */
    static Flux<Long> of(
            Publisher<? extends ByteBuf> source,
            FileFlux.Opener opener,
            FileWrite.Settings settings,
            Scheduler scheduler) {
        return onAssembly(new FileWriteFlux(Objects.requireNonNull(source, "source"), opener, settings, scheduler));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Long> actual) {
        FileWrite writing = new FileWrite(actual, opener, settings, scheduler);
        try {
            actual.onSubscribe(writing);
        } catch (Throwable thrown) {
            writing.cancel();
            throw thrown;
        }
        writing.start(source);
    }
}
