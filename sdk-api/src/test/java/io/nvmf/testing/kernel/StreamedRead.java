package io.nvmf.testing.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.awaitility.Awaitility.await;

import io.nvmf.NvmeNamespace;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/** The beginning of a namespace that is being read as a stream, so that a test can act while it is under way. */
public final class StreamedRead {

    private final MessageDigest digest = Sha256.digest();
    private final AtomicLong bytes = new AtomicLong();
    private final Mono<Boolean> over;

    /** Starts to read so many bytes. */
    public StreamedRead(NvmeNamespace namespace, long length) {
        over = namespace
                .readStream(0, length)
                .doOnNext(data -> {
                    digest.update(data.nioBuffer());
                    bytes.addAndGet(data.readableBytes());
                    data.release();
                })
                .then(Mono.just(true))
                .cache();
        over.subscribe();
    }

    /** How many have been read. */
    public long bytes() {
        return bytes.get();
    }

    /** Waits until so many have been read. */
    public void awaitBytes(long least) {
        await().atMost(LIMIT).until(() -> bytes() >= least);
    }

    /** Waits for the end, and gives the SHA-256 of everything. */
    public String sha256() {
        Hosts.await(over);
        return Sha256.of(digest);
    }
}
