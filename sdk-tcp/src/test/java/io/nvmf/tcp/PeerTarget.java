package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.tcp.testing.RawHost;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** A target on the loopback interface that counts flushes, for what hosts of others send to it. */
final class PeerTarget implements AutoCloseable {

    static final String SUBSYSTEM = "nqn.2024-01.io.nvmf:disk";
    static final UUID HOST_ID = UUID.fromString("11111111-2222-3333-4444-555555555555");
    static final int CC = 0x14;
    static final int CSTS = 0x1C;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final AtomicInteger flushes = new AtomicInteger();
    private final BoundTarget target;

    PeerTarget(boolean strict, String... allowedHosts) {
        BlockStore store = new DelegatingBlockStore(BlockStore.memory(1 << 20, 512)) {
            @Override
            public Mono<Void> flush() {
                return super.flush().doFirst(flushes::incrementAndGet);
            }
        };
        BoundTarget bound = NvmeTarget.create()
                .options(options -> options.strict(strict))
                .subsystem(SUBSYSTEM, subsystem -> subsystem.namespace(1, store).allowHosts(allowedHosts))
                .bind()
                .block(PATIENCE);
        assertThat(bound).isNotNull();
        target = bound;
    }

    RawHost open() {
        return RawHost.open(target.port());
    }

    int controllers() {
        return target.controllers();
    }

    @Override
    public void close() {
        target.close().block(PATIENCE);
    }
}
