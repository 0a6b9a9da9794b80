package io.nvmf;

import io.netty.buffer.Unpooled;
import io.nvmf.file.FileSink;
import io.nvmf.testing.PatientPublisherVerification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The Reactive Streams rules for the progress of a file that is written. Progress is conflated, so the source emits a
 * byte only when the element for the byte before was delivered; that makes the number of elements known.
 */
public class FileSinkVerification extends PatientPublisherVerification<Long> {

    private Path file;

    @BeforeClass
    public void create() throws IOException {
        file = Files.createTempFile("nvmf", ".bin");
    }

    @AfterClass
    public void delete() throws IOException {
        Files.delete(file);
    }

    @Override
    public Publisher<Long> createPublisher(long elements) {
        return Flux.defer(() -> {
            Sinks.Many<Long> bytes = Sinks.many().unicast().onBackpressureBuffer();
            next(bytes, 1, elements);
            return FileSink.replacing(file)
                    .write(bytes.asFlux().map(index -> Unpooled.buffer(1).writeByte(1)))
                    .doOnNext(written -> next(bytes, written + 1, elements));
        });
    }

    private static void next(Sinks.Many<Long> bytes, long index, long elements) {
        if (index <= elements) {
            bytes.tryEmitNext(index);
        } else {
            bytes.tryEmitComplete();
        }
    }

    /** A file that cannot be opened is found out on another thread, after the kit has looked. */
    @Override
    public Publisher<Long> createFailedPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 256;
    }
}
