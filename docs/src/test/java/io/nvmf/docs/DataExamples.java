package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.file.FileSink;
import io.nvmf.file.FileSource;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.namespace.WriteStreamOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.CRC32C;
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

    static Mono<ByteBuf> urgent(NvmeNamespace namespace) {
        Mono<ByteBuf> urgent = namespace
                .timeout(Duration.ofMillis(200)) // of the read alone, waiting for a slot included
                .read(0, 8);
        return urgent;
    }

    static Mono<Long> checksum(NvmeNamespace namespace, long length) {
        Mono<Long> checksum = namespace
                .readStream(0, length)
                .transform(NvmeBuffers.publishOn(Schedulers.parallel(), 8)) // 8 buffers wait there at most
                .reduceWith(CRC32C::new, DataExamples::updateAndRelease)
                .map(CRC32C::getValue)
                .transform(NvmeBuffers.releaseDiscarded()); // those that wait when it is cancelled
        return checksum;
    }

    static CRC32C updateAndRelease(CRC32C checksum, ByteBuf buffer) {
        checksum.update(buffer.nioBuffer());
        buffer.release();
        return checksum;
    }

    static Mono<Long> toFile(NvmeNamespace namespace, long length, Path path) {
        Mono<Long> copied = FileSink.replacing(path) // or creating(path), or at(path, offset)
                .force(true) // fsync before it completes
                .write(namespace.readStream(0, length))
                .last();
        return copied;
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
        ReadStreamOptions options = ReadStreamOptions.defaults()
                .chunkSize(64 * 1024)
                .maxBuffered(512 * 1024) // in commands, waiting for their turn, or emitted and not released
                .statistics(statistics);
        Flux<ByteBuf> paced = namespace
                .readStream(0, length, options)
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
