package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Runs of the program between two targets in this JVM, over TCP unless a test says otherwise. */
abstract class TwoTargets {

    static final String SOURCE = "nqn.2026-01.io.nvmf:test-source";
    static final String TARGET = "nqn.2026-01.io.nvmf:test-target";
    static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    Path state;
    Store source;
    Store target;
    BoundTarget sourceSide;
    BoundTarget targetSide;

    @AfterEach
    void close() {
        for (BoundTarget side : Arrays.asList(sourceSide, targetSide)) {
            if (side != null) {
                side.close().block();
            }
        }
    }

    /** Both have random content. */
    final void listen(long sourceSize, int sourceBlock, long targetSize, int targetBlock) {
        listen(TransportType.TCP, sourceSize, sourceBlock, targetSize, targetBlock);
    }

    /** The same, with the target side over any transport. */
    final void listen(TransportType transport, long sourceSize, int sourceBlock, long targetSize, int targetBlock) {
        state = directory.resolve("copy.state");
        source = new Store(sourceSize, sourceBlock);
        target = new Store(targetSize, targetBlock);
        sourceSide = bind(SOURCE, source);
        targetSide = bind(transport, TARGET, target);
    }

    static BoundTarget bind(String nqn, BlockStore store) {
        return bind(TransportType.TCP, nqn, store);
    }

    static BoundTarget bind(TransportType transport, String nqn, BlockStore store) {
        return NvmeTarget.create()
                .transport(transport)
                .subsystem(nqn, subsystem -> subsystem.namespace(1, store))
                .bind()
                .block();
    }

    /** Short keep alive: after a cut, writes of unknown outcome wait until the target has certainly noticed. */
    final String from() {
        return sourceSide.uri(SOURCE) + "?keep-alive=1s";
    }

    final String to() {
        return targetSide.uri(TARGET) + "?keep-alive=1s";
    }

    final int run(String... options) {
        List<String> all = new ArrayList<>(List.of(from(), to(), "--state", state.toString()));
        all.addAll(List.of(options));
        return execute(all.toArray(String[]::new));
    }

    final int execute(String... words) {
        return ReplicateCommand.commandLine(new ReplicateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    final <T> Mono<T> withBoth(BiFunction<Side, Side, Mono<T>> work) {
        return Side.using(
                NamespaceAddress.parse(from()),
                from -> Side.using(NamespaceAddress.parse(to()), to -> work.apply(from, to)));
    }

    /** A copy of all of the source. */
    final CopyJob job() {
        return withBoth((from, to) -> Mono.just(CopyJob.of(from, to, 0, 0, Optional.empty())))
                .block();
    }

    final String output() {
        return out + "\n" + err;
    }

    /** A store in memory that counts, and lets a test look and meddle. */
    static final class Store extends DelegatingBlockStore {

        final AtomicLong bytesRead = new AtomicLong();
        final AtomicLong bytesWritten = new AtomicLong();
        final AtomicLong bytesFlushed = new AtomicLong();
        final List<Long> writes = Collections.synchronizedList(new ArrayList<>());

        /** Called with the bytes read before each read. */
        volatile Consumer<Long> onRead = bytes -> {};

        /** Called with the bytes written before each write. */
        volatile Consumer<Long> onWrite = bytes -> {};

        /** Waited for before each write. */
        volatile Mono<?> beforeWrite = Mono.empty();

        private Store(long size, int blockSize) {
            super(BlockStore.memory(size, blockSize));
            fill(size, blockSize);
        }

        private void fill(long size, int seed) {
            byte[] bytes = new byte[(int) Math.min(size, MIB)];
            Random random = new Random(seed);
            for (long at = 0; at < size; at += bytes.length) {
                random.nextBytes(bytes);
                put(at, Arrays.copyOf(bytes, (int) Math.min(bytes.length, size - at)));
            }
        }

        void put(long offset, byte[] bytes) {
            super.write(offset, Unpooled.wrappedBuffer(bytes)).subscribe(); // in place: it is in memory
        }

        byte[] get(long offset, int length) {
            ByteBuf data = super.read(offset, length).block();
            try {
                return ByteBufUtil.getBytes(data);
            } finally {
                data.release();
            }
        }

        @Override
        public Mono<ByteBuf> read(long offset, int length) {
            return Mono.defer(() -> {
                onRead.accept(bytesRead.getAndAdd(length));
                return super.read(offset, length);
            });
        }

        @Override
        public Mono<Void> write(long offset, ByteBuf data) {
            return beforeWrite.then(Mono.defer(() -> {
                int length = data.readableBytes();
                onWrite.accept(bytesWritten.get());
                writes.add(offset);
                return super.write(offset, data).doOnSuccess(done -> bytesWritten.addAndGet(length));
            }));
        }

        @Override
        public Mono<Void> flush() {
            return Mono.defer(() -> {
                long written = bytesWritten.get();
                return super.flush().doOnSuccess(done -> bytesFlushed.set(written));
            });
        }
    }
}
