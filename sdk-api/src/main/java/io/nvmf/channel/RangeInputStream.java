package io.nvmf.channel;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** The bytes of a bounded stream of buffers, subscribed to by the first read. */
final class RangeInputStream extends InputStream {

    /** What a reader waits at, with the rules of channels for interrupts and closing. */
    private static final class Gate extends AbstractInterruptibleChannel {

        private final Publisher<ByteBuf> source;
        private volatile @Nullable Awaited subscription;

        Gate(Publisher<ByteBuf> source) {
            this.source = source;
        }

        /** The next buffer, or null at the end. */
        @Nullable
        ByteBuf next() throws IOException {
            ByteBuf buffer = null;
            boolean done = false;
            begin();
            try {
                Awaited awaited = subscribed();
                buffer = awaited == null ? null : awaited.next();
                done = buffer != null || isOpen();
            } finally {
                finish(done, buffer);
            }
            return buffer;
        }

        private void finish(boolean done, @Nullable ByteBuf buffer) throws ClosedChannelException {
            try {
                end(done);
            } catch (ClosedChannelException interrupted) {
                if (buffer != null) {
                    buffer.release();
                }
                throw interrupted;
            }
        }

        private @Nullable Awaited subscribed() {
            Awaited awaited = subscription;
            if (awaited == null && isOpen()) {
                awaited = Awaited.of(source);
                subscription = awaited;
                if (!isOpen()) {
                    awaited.close();
                }
            }
            return awaited;
        }

        @Override
        protected void implCloseChannel() {
            Awaited awaited = subscription;
            if (awaited != null) {
                awaited.close();
            }
        }
    }

    private final Gate gate;

    /** Held by whoever touches the buffer. */
    private final ReentrantLock reading = new ReentrantLock();

    private @Nullable ByteBuf current;

    RangeInputStream(Publisher<ByteBuf> source) {
        this.gate = new Gate(source);
    }

    /** What is done with a buffer that has bytes. */
    private interface Use {
        int of(ByteBuf buffer);
    }

    @Override
    public int read() throws IOException {
        return use(ByteBuf::readUnsignedByte);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        return use(buffer -> {
            int step = Math.min(length, buffer.readableBytes());
            buffer.readBytes(target, offset, step);
            return step;
        });
    }

    @Override
    public long skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            int most = (int) Math.min(left, Integer.MAX_VALUE);
            int step = use(buffer -> {
                int skipped = Math.min(most, buffer.readableBytes());
                buffer.skipBytes(skipped);
                return skipped;
            });
            if (step < 0) {
                break;
            }
            left -= step;
        }
        return Math.max(0, count - left);
    }

    @Override
    public int available() throws IOException {
        checkOpen();
        reading.lock();
        try {
            return current == null ? 0 : current.readableBytes();
        } finally {
            reading.unlock();
            releaseIfClosed();
        }
    }

    private int use(Use use) throws IOException {
        Awaited.checkThread();
        checkOpen();
        reading.lock();
        try {
            ByteBuf buffer = filled();
            return buffer == null ? -1 : use.of(buffer);
        } finally {
            reading.unlock();
            releaseIfClosed();
        }
    }

    /** A buffer with bytes, or null at the end. */
    private @Nullable ByteBuf filled() throws IOException {
        ByteBuf buffer = current;
        while (buffer == null || !buffer.isReadable()) {
            if (buffer != null) {
                current = null;
                buffer.release();
            }
            buffer = gate.next();
            current = buffer;
            if (buffer == null) {
                return null;
            }
        }
        return buffer;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!gate.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void close() throws IOException {
        gate.close();
        releaseIfClosed();
    }

    /** Done by the one who closes, or by the reader whom the closing finds at work; nobody waits for the other. */
    private void releaseIfClosed() {
        if (!gate.isOpen() && reading.tryLock()) {
            try {
                if (current != null) {
                    current.release();
                    current = null;
                }
            } finally {
                reading.unlock();
            }
        }
    }
}
