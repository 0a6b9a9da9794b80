package io.nvmf.samples.quickstart;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Where the bytes come from if not from a file. */
final class DataSource {

    private static final int BUFFER_SIZE = 256 * 1024;

    private DataSource() {}

    /** Pseudo-random data, the same on every subscription; one buffer is made for each that is asked for. */
    static Flux<ByteBuf> generated(long length) {
        return Flux.defer(() -> {
                    SplittableRandom random = new SplittableRandom(length);
                    return Flux.<ByteBuf, Long>generate(() -> length, (remaining, sink) -> {
                        if (remaining == 0) {
                            sink.complete();
                            return remaining;
                        }
                        int size = (int) Math.min(BUFFER_SIZE, remaining);
                        sink.next(filled(size, random));
                        return remaining - size;
                    });
                })
                // So that the event loops stay free for the network.
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static ByteBuf filled(int size, SplittableRandom random) {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(size, size);
        while (buffer.writableBytes() >= Long.BYTES) {
            buffer.writeLongLE(random.nextLong());
        }
        while (buffer.isWritable()) {
            buffer.writeByte(random.nextInt());
        }
        return buffer;
    }
}
