package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.file.FileSource;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.namespace.WriteStreamOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** docs/guide.md, "Read and write blocks" to "Cancel". */
final class DataExamples {

    private static final Logger log = LoggerFactory.getLogger(DataExamples.class);

    private DataExamples() {}

    static Mono<ByteBuf> blocks(NvmeNamespace namespace) {
        ByteBuf data = Unpooled.directBuffer().writeZero(8 * namespace.blockSize());
        Mono<ByteBuf> readBack = namespace
                .write(16, data) // 8 blocks from LBA 16; the buffer is the SDK's from here on
                .then(namespace.flush())
                .then(namespace.read(16, 8)) // the buffer is yours
                .transform(NvmeBuffers.releaseDiscarded()); // and is released if nobody gets it
        return readBack;
    }

    static Mono<Void> durable(NvmeNamespace namespace, ByteBuf data) {
        Mono<Void> durable = namespace.write(0, data, WriteOptions.fua());
        return durable;
    }

    static Mono<Void> readInto(NvmeNamespace namespace, ByteBuf mine) {
        Mono<Void> filled = namespace.readInto(0, mine);
        return filled;
    }

    static Mono<Path> toFile(NvmeNamespace namespace, long length, Path path) {
        Mono<Path> copied = Mono.using(
                () -> FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                file -> namespace
                        .readStream(0, length)
                        .publishOn(
                                Schedulers.boundedElastic(), 8) // writing a file blocks; 8 buffers wait for it at most
                        .map(buffer -> writeAndRelease(file, buffer))
                        .then(Mono.just(path))
                        .transform(NvmeBuffers.releaseDiscarded()), // those that wait when writing fails
                DataExamples::close);
        return copied;
    }

    static int writeAndRelease(FileChannel file, ByteBuf buffer) {
        try {
            int length = buffer.readableBytes();
            while (buffer.isReadable()) {
                buffer.readBytes(file, buffer.readableBytes());
            }
            return length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            buffer.release();
        }
    }

    private static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Mono<TransferProgress> writeStream(NvmeNamespace namespace, Publisher<ByteBuf> source, long length) {
        WriteStreamOptions options = WriteStreamOptions.defaults()
                .chunkSize(256 * 1024)
                .window(32)
                .expectedLength(length)
                .durability(WriteStreamOptions.Durability.FUA)
                .unaligned(WriteStreamOptions.Unaligned.READ_MODIFY_WRITE);
        Mono<TransferProgress> result = namespace
                .writeStream(512, source, options)
                .doOnNext(progress -> log.info("{} bytes are written", progress.bytesWritten()))
                .last();
        return result;
    }

    static Mono<Long> fromFile(NvmeNamespace namespace, Path path) {
        Mono<Long> written = namespace
                .writeStream(0, FileSource.bytes(path)) // or bytes(path, offset, length)
                .last()
                .map(TransferProgress::bytesWritten);
        return written;
    }

    static Mono<Long> resume(NvmeNamespace namespace, Publisher<ByteBuf> source) {
        Mono<Long> next = namespace
                .writeStream(0, source)
                .last()
                .map(TransferProgress::bytesWritten)
                .onErrorResume(NvmeTransferException.class, failure -> {
                    TransferReport report = failure.report();
                    for (ByteRange range : report.inDoubt()) {
                        log.warn("old or new, nobody knows: {}", range);
                    }
                    return Mono.just(report.offset() + report.bytesWritten()); // go on from here
                });
        return next;
    }

    static Flux<ByteBuf> paced(NvmeNamespace namespace, long length, StreamStatistics statistics) {
        ReadStreamOptions options =
                ReadStreamOptions.defaults().chunkSize(64 * 1024).window(8).statistics(statistics);
        Flux<ByteBuf> paced = namespace
                .readStream(0, length, options) // at most 8 × 64 KiB in flight or waiting for their turn
                .limitRate(4) // and no more than 4 commands ahead of the subscriber
                .delayElements(Duration.ofMillis(1))
                .transform(NvmeBuffers.releaseDiscarded()); // what waits when the subscriber cancels
        return paced;
    }

    static Mono<Long> find(NvmeNamespace namespace, byte wanted) {
        Mono<Long> found = namespace
                .readStream(0, namespace.size())
                .map(buffer -> {
                    int index = buffer.bytesBefore(wanted);
                    int length = buffer.readableBytes();
                    buffer.release();
                    return new int[] {index, length};
                })
                .scan(new long[] {0, -1}, (seen, part) ->
                        new long[] {seen[0] + part[1], part[0] < 0 ? -1 : seen[0] + part[0]})
                .filter(seen -> seen[1] >= 0)
                .map(seen -> seen[1])
                .next() // cancels: what is unsent is taken back, what was sent is aborted
                .transform(NvmeBuffers.releaseDiscarded());
        return found;
    }
}
