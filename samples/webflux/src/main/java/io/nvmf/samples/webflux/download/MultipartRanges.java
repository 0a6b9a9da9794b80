package io.nvmf.samples.webflux.download;

import io.nvmf.command.ByteRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.MediaType;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Several ranges in one answer, {@code multipart/byteranges} (RFC 9110, 14.6). Nothing is copied but the headers. */
final class MultipartRanges {

    private final List<ByteRange> ranges;
    private final List<byte[]> heads = new ArrayList<>();
    private final byte[] tail;
    private final String boundary;

    MultipartRanges(List<ByteRange> ranges, long size) {
        this.ranges = ranges;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        this.boundary = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        for (ByteRange range : ranges) {
            heads.add(ascii("\r\n--" + boundary + "\r\nContent-Type: " + MediaType.APPLICATION_OCTET_STREAM_VALUE
                    + "\r\nContent-Range: " + contentRange(range, size) + "\r\n\r\n"));
        }
        this.tail = ascii("\r\n--" + boundary + "--\r\n");
    }

    static String contentRange(ByteRange range, long size) {
        return "bytes " + range.offset() + '-' + (range.end() - 1) + '/' + size;
    }

    MediaType contentType() {
        return MediaType.parseMediaType("multipart/byteranges; boundary=" + boundary);
    }

    long contentLength() {
        long length = tail.length;
        for (int i = 0; i < ranges.size(); i++) {
            length += heads.get(i).length + ranges.get(i).length();
        }
        return length;
    }

    /** One range is read at a time. */
    Flux<DataBuffer> body(Function<ByteRange, Flux<DataBuffer>> reader, DataBufferFactory buffers) {
        List<Publisher<DataBuffer>> parts = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            byte[] head = heads.get(i);
            parts.add(Mono.fromSupplier(() -> buffers.wrap(head.clone())));
            parts.add(reader.apply(ranges.get(i)));
        }
        parts.add(Mono.fromSupplier(() -> buffers.wrap(tail.clone())));
        return Flux.concat(parts);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
