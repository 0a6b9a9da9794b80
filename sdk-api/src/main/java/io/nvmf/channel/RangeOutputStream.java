package io.nvmf.channel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers bytes up to the largest command, so that each but the first and the last begins and ends with a block. Once
 * bytes could not be written nothing is written any more, because what came behind them would leave a gap.
 */
final class RangeOutputStream extends OutputStream {

    private final NamespaceChannel channel;
    private final ByteBuffer gathered = ByteBuffer.allocate(NamespaceChannel.MAX_TRANSFER);

    /** Held by whoever touches the rest. */
    private final ReentrantLock writing = new ReentrantLock();

    /** Where the first byte goes that is not written. */
    private long place;

    /** Why no byte is written any more. */
    private @Nullable Throwable failure;

    /** Written under the lock. */
    private volatile boolean closed;

    /**
     * @param channel at the position of the first byte
     * @param offset that position
     */
    RangeOutputStream(NamespaceChannel channel, long offset) {
        this.channel = channel;
        this.place = offset;
        gathered.limit(NamespaceChannel.MAX_TRANSFER - (int) (offset % NamespaceChannel.MAX_TRANSFER));
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        Awaited.checkThread();
        writing.lock();
        try {
            checkNotFailed();
            if (closed || !channel.isOpen()) {
                throw new ClosedChannelException();
            }
            int from = offset;
            int end = offset + length;
            while (from < end) {
                int step = Math.min(end - from, gathered.remaining());
                gathered.put(bytes, from, step);
                from += step;
                if (!gathered.hasRemaining()) {
                    writeGathered();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        Awaited.checkThread();
        writing.lock();
        try {
            checkNotFailed();
            writeGathered();
        } finally {
            writing.unlock();
        }
    }

    private void writeGathered() throws IOException {
        int room = gathered.remaining();
        gathered.flip();
        try {
            while (gathered.hasRemaining()) {
                channel.write(gathered);
            }
        } catch (IOException thrown) {
            throw failed(thrown instanceof ClosedChannelException ? thrown : placed(thrown));
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
            throw thrown;
        }
        place += gathered.position();
        gathered.clear();
        // The next one ends where this one would have: with a block.
        if (room > 0) {
            gathered.limit(room);
        }
    }

    private <T extends Throwable> T failed(T thrown) {
        place += gathered.position();
        failure = thrown;
        return thrown;
    }

    /** The same with the place; the cause stays what the SDK has failed with. */
    private IOException placed(IOException thrown) {
        Throwable cause = thrown.getCause();
        long first = place + gathered.position();
        return new IOException("at byte " + first + ": " + thrown.getMessage(), cause == null ? thrown : cause);
    }

    /** Always another exception, because one cannot be suppressed by itself where a resource is closed. */
    private void checkNotFailed() throws IOException {
        Throwable first = failure;
        if (first != null) {
            throw new IOException("the bytes from " + place + " on are not known to be written: " + first, first);
        }
    }

    @Override
    public void close() throws IOException {
        Awaited.checkThread();
        if (!writing.tryLock()) {
            if (!closed) {
                // Ends the call of another thread that waits. Its bytes are not written, which it is told.
                channel.close();
            }
            writing.lock();
        }
        try (channel) {
            if (!closed) {
                closed = true;
                checkNotFailed();
                writeGathered();
                channel.force();
            }
        } finally {
            writing.unlock();
        }
    }
}
