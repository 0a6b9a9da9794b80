package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.subsystem.BlockStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A store that answers when the test says so, on the thread of the test. */
class ScriptedStore implements BlockStore {

    /** A call that waits for its answer. */
    static final class Call {

        private final String what;
        private final long offset;
        private final int length;
        private final ByteBuf lent;
        private final byte[] data;
        private final MonoSink<Object> sink;

        Call(String what, long offset, int length, ByteBuf lent, MonoSink<Object> sink) {
            this.what = what;
            this.offset = offset;
            this.length = length;
            this.lent = lent;
            this.data = ByteBufUtil.getBytes(lent);
            this.sink = sink;
        }

        String what() {
            return what;
        }

        long offset() {
            return offset;
        }

        int length() {
            return length;
        }

        byte[] data() {
            return data;
        }

        /** Answers a write or a flush, and looks whether the buffer was still the store's. */
        void done() {
            assertThat(ByteBufUtil.getBytes(lent)).isEqualTo(data);
            sink.success();
        }

        /** Answers a read with bytes of its own choice. */
        void read(byte[] bytes) {
            sink.success(Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes));
        }

        void fail() {
            sink.error(new IllegalStateException("scripted failure"));
        }

        @Override
        public String toString() {
            return what + ' ' + offset + '+' + length;
        }
    }

    private final long size;
    private final int blockSize;
    final List<Call> calls = new CopyOnWriteArrayList<>();
    volatile boolean closed;
    private volatile boolean careless;

    ScriptedStore(long size, int blockSize) {
        this.size = size;
        this.blockSize = blockSize;
    }

    private Mono<Object> call(String what, long offset, int length, ByteBuf lent) {
        return Mono.create(sink -> {
            calls.add(new Call(what, offset, length, lent, sink));
            if (careless) {
                sink.success();
            }
        });
    }

    /** Answers what is there and whatever comes. */
    void answerEverything() {
        careless = true;
        calls.forEach(call -> call.sink.success());
    }

    List<String> log() {
        return calls.stream().map(Call::toString).toList();
    }

    Call last() {
        return calls.get(calls.size() - 1);
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blocks() {
        return size / blockSize;
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return call("read", offset, length, Unpooled.EMPTY_BUFFER).cast(ByteBuf.class);
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return call("write", offset, data.readableBytes(), data).then();
    }

    @Override
    public Mono<Void> flush() {
        return call("flush", 0, 0, Unpooled.EMPTY_BUFFER).then();
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(() -> closed = true);
    }
}
