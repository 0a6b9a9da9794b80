package io.nvmf.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;

/**
 * An allocator that remembers its buffers, to assert at the end of a test that each was released, and to say who allocated the
 * one that was not. Unlike the leak detector it needs no garbage collection, so it blames the right test.
 */
public final class TrackingAllocator extends AbstractByteBufAllocator {

    private static final int PRUNE_ABOVE = 4096;

    private record Tracked(ByteBuf buffer, Throwable origin) {}

    private final Queue<Tracked> buffers = new ConcurrentLinkedQueue<>();

    public TrackingAllocator() {
        super(true);
    }

    /** Buffers with a reference count above 0. */
    public int liveBuffers() {
        prune();
        return buffers.size();
    }

    /** Fails if a buffer is not released in time; other threads may be about to. */
    public void assertNoLiveBuffers() {
        Awaitility.await().alias("every buffer is released").untilAsserted(() -> {
            prune();
            List<Tracked> live = List.copyOf(buffers);
            if (!live.isEmpty()) {
                StringWriter text = new StringWriter();
                live.get(0).origin.printStackTrace(new PrintWriter(text));
                throw new AssertionError(
                        live.size() + " buffers are not released, the first is " + live.get(0).buffer + "\n" + text);
            }
        });
    }

    private <B extends ByteBuf> B track(B buffer) {
        if (buffers.size() > PRUNE_ABOVE) {
            prune();
        }
        buffers.add(new Tracked(buffer, new Throwable("allocated here")));
        return buffer;
    }

    private void prune() {
        buffers.removeIf(tracked -> tracked.buffer.refCnt() == 0);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return track(UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return track(UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity));
    }

    @Override
    public CompositeByteBuf compositeHeapBuffer(int maxNumComponents) {
        return track(super.compositeHeapBuffer(maxNumComponents));
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        return track(super.compositeDirectBuffer(maxNumComponents));
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
