package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** A range of a file as a cold publisher: each subscription opens, reads and closes it. */
final class FileFlux extends Flux<ByteBuf> {

    /** Length of the range that ends where the file does. */
    static final long TO_THE_END = -1;

    /** Opens the file for reading. */
    interface Opener {
        FileChannel open() throws IOException;
    }

    private final Opener opener;
    private final String name;
    private final long offset;
    private final long length;
    private final Scheduler scheduler;
    private final ByteBufAllocator allocator;

    private FileFlux(
            Opener opener, String name, long offset, long length, Scheduler scheduler, ByteBufAllocator allocator) {
        this.opener = opener;
        this.name = name;
        this.offset = offset;
        this.length = length;
        this.scheduler = scheduler;
        this.allocator = allocator;
    }

    /**
     * Describes a source.
     *
     * @param opener called once for each subscription
     * @param name for messages
     * @param offset first byte
     * @param length number of bytes, or {@link #TO_THE_END}
     * @param scheduler its threads may block
     * @param allocator of the buffers
     */
    static Flux<ByteBuf> of(
            Opener opener, String name, long offset, long length, Scheduler scheduler, ByteBufAllocator allocator) {
        return from(onAssembly(new FileFlux(opener, name, offset, length, scheduler, allocator)));
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        FileRead reading = new FileRead(actual, opener, name, offset, length, scheduler, allocator);
        try {
            actual.onSubscribe(reading);
        } catch (Throwable thrown) {
            reading.cancel();
            throw thrown;
        }
    }
}
