package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.file.FileSource;
import io.nvmf.testing.PatientPublisherVerification;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The Reactive Streams rules for the bytes of a file. */
public class FileSourceVerification extends PatientPublisherVerification<ByteBuf> {

    private static final int BUFFERS = 64;

    private Path file;

    @BeforeClass
    public void create() throws IOException {
        file = Files.createTempFile("nvmf", ".bin");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength((long) BUFFERS * FileSource.BUFFER_SIZE);
        }
    }

    @AfterClass
    public void delete() throws IOException {
        Files.delete(file);
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        return new ReleasingPublisher(FileSource.bytes(file, 0, elements * FileSource.BUFFER_SIZE));
    }

    /** A file that is missing is found out on the first demand, which the kit does not make. */
    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return BUFFERS;
    }
}
