package io.nvmf.samples.quickstart;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32C;
import me.tongfei.progressbar.ProgressBar;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes a stream to the beginning of a namespace, reads it back, and compares the checksums of the two. */
final class RoundTrip {

    private static final double MEGABYTE = 1e6;

    private final NvmeNamespace namespace;
    private final Mono<Void> interruption;
    private final PrintStream out;

    /**
     * @param interruption what is done in the middle of each stream
     */
    RoundTrip(NvmeNamespace namespace, Mono<Void> interruption, PrintStream out) {
        this.namespace = namespace;
        this.interruption = interruption;
        this.out = out;
    }

    /** Returns whether what was read is what was written. */
    boolean run(Flux<ByteBuf> source, long length) {
        CRC32C sent = new CRC32C();
        StreamStatistics writing = new StreamStatistics();
        WriteStreamOptions writeOptions = WriteStreamOptions.defaults()
                .expectedLength(length)
                .unaligned(WriteStreamOptions.Unaligned.READ_MODIFY_WRITE)
                .statistics(writing);
        double writeSeconds = timed(
                "write",
                length,
                bar -> namespace
                        .writeStream(0, source.doOnNext(buffer -> update(sent, buffer)), writeOptions)
                        .doOnNext(progress -> bar.stepTo(progress.bytesWritten()))
                        .doOnNext(interruptAt(length, TransferProgress::bytesWritten)));

        CRC32C received = new CRC32C();
        AtomicLong arrived = new AtomicLong();
        StreamStatistics reading = new StreamStatistics();
        ReadStreamOptions readOptions = ReadStreamOptions.defaults()
                .unaligned(ReadStreamOptions.Unaligned.ALLOW)
                .statistics(reading);
        double readSeconds = timed(
                "read",
                length,
                bar -> namespace
                        .readStream(0, length, readOptions)
                        .map(buffer -> {
                            int bytes = buffer.readableBytes();
                            update(received, buffer);
                            bar.stepBy(bytes);
                            buffer.release();
                            return bytes;
                        })
                        .doOnNext(interruptAt(length, (Integer bytes) -> arrived.addAndGet(bytes)))
                        .transform(NvmeBuffers.releaseDiscarded()));

        report("wrote", length, writeSeconds, writing);
        report("read", length, readSeconds, reading);
        boolean equal = sent.getValue() == received.getValue();
        out.printf(
                "CRC-32C written %08x, read %08x: %s%n",
                sent.getValue(), received.getValue(), equal ? "equal" : "THE DATA DIFFERS");
        return equal;
    }

    /** Interrupts once, when half of the bytes have been moved. */
    private <T> Consumer<T> interruptAt(long length, ToLongFunction<T> moved) {
        AtomicBoolean interrupted = new AtomicBoolean();
        return element -> {
            if (moved.applyAsLong(element) >= length / 2 && interrupted.compareAndSet(false, true)) {
                interruption.subscribe();
            }
        };
    }

    private double timed(String what, long length, Function<ProgressBar, Flux<?>> stream) {
        long start = System.nanoTime();
        try (ProgressBar bar = Progress.bar(what, length, out)) {
            stream.apply(bar).blockLast();
        }
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private void report(String what, long length, double seconds, StreamStatistics statistics) {
        out.printf(
                "%-5s %,d bytes in %.1f s, %,.0f MB/s; in flight at most %,d bytes, held by the window of %,d%s%n",
                what,
                length,
                seconds,
                length / MEGABYTE / seconds,
                statistics.peakBytesInFlight(),
                statistics.limitBytes(),
                statistics.interruptions() == 0 ? "" : "; interrupted, and gone on");
    }

    private static void update(CRC32C checksum, ByteBuf buffer) {
        for (ByteBuffer bytes : buffer.nioBuffers()) {
            checksum.update(bytes);
        }
    }
}
