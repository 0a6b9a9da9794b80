package io.nvmf.channel;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.spec.Require;
import io.nvmf.transport.SharedAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The bytes of a namespace as a channel that blocks, for code that is not reactive. Closing it leaves the namespace and
 * its controller alone.
 *
 * <p>Position and length of a transfer need not be those of blocks. A read of parts of blocks reads the whole blocks. A
 * write of parts of blocks reads the first and the last block, changes them and writes them, which is not atomic: two
 * writers of the same block, through whatever channels, must not be at work at the same time.
 *
 * <p>A call sends one command after the other, each with at most {@value #MAX_TRANSFER} bytes or what the controller
 * takes, and copies their data once. The time limit of a command is the one of the namespace that was given, see {@link
 * NvmeNamespace#timeout(java.time.Duration)}. Faster, because they have several commands under way, are {@link
 * NamespaceStreams#input} and the streams of the namespace.
 *
 * <p>Written data may be in a volatile write cache until {@link #force()} is called.
 *
 * <p>What the SDK fails with comes as the cause of an {@link IOException}. Where one of several commands of a call fails,
 * the positions of channel and buffer are behind what the commands before it have moved, and a caller may go on from
 * there. A namespace does not grow: what is written
 * beyond its end fails, and {@link #truncate} is refused. Where the caller's thread must not block, such as an event
 * loop, calls fail with {@link IllegalStateException}.
 *
 * <p>Thread safe: one read or write is under way at a time, others wait. If a thread is interrupted in a call, or calls
 * with its interrupt status set, the channel is closed, as with every {@link java.nio.channels.InterruptibleChannel}.
 * Whether a write that ends this way, or by a close, was carried out is not known.
 */
public final class NamespaceChannel extends AbstractInterruptibleChannel implements SeekableByteChannel {

    /** Most bytes of one command: 1 MiB. */
    public static final int MAX_TRANSFER = 1 << 20;

    private final NvmeNamespace namespace;
    private final boolean readOnly;
    private final ReentrantLock transfers = new ReentrantLock();

    /** What the thread that has the lock waits for. */
    private volatile @Nullable Awaited command;

    private volatile long position;

    private NamespaceChannel(NvmeNamespace namespace, boolean readOnly, long position) {
        this.namespace = Objects.requireNonNull(namespace, "namespace");
        this.readOnly = readOnly;
        this.position = position;
    }

    /** A channel that writes from a position on. */
    static NamespaceChannel at(NvmeNamespace namespace, long position) {
        return new NamespaceChannel(namespace, false, position);
    }

    /**
     * A channel that reads and writes, at the first byte.
     *
     * @param namespace with the time limit that commands are to have
     * @return the channel
     */
    public static NamespaceChannel open(NvmeNamespace namespace) {
        return at(namespace, 0);
    }

    /**
     * A channel that reads, at the first byte.
     *
     * @param namespace with the time limit that commands are to have
     * @return the channel
     */
    public static NamespaceChannel openReadOnly(NvmeNamespace namespace) {
        return new NamespaceChannel(namespace, true, 0);
    }

    /**
     * Reads as many bytes as there is room for, or as lie before the end of the namespace.
     *
     * @return number of bytes; -1 at or beyond the end of the namespace
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        start(target);
        int moved = 0;
        try {
            long left = namespace.size() - position;
            if (left <= 0) {
                return -1;
            }
            int length = (int) Math.min(left, target.remaining());
            while (moved < length && isOpen()) {
                moved += readOnce(target, length - moved);
            }
            return moved;
        } finally {
            finish(moved > 0);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private int readOnce(ByteBuffer target, int wanted) throws IOException {
        Span span = new Span(position, wanted);
        ByteBuf data = await(namespace.read(span.lba, span.blocks));
        if (data == null) {
            return 0; // closed
        }
        try {
            ByteBuffer part = target.duplicate();
            part.limit(part.position() + span.length);
            data.getBytes(data.readerIndex() + span.head, part);
            target.position(part.position());
        } finally {
            data.release();
        }
        position += span.length;
        return span.length;
    }

    /**
     * Writes as many bytes as remain, or as fit before the end of the namespace.
     *
     * @return number of bytes, at least 1 unless there is nothing to write
     * @throws IOException if the position is at or beyond the end of the namespace, too
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        if (readOnly) {
            throw new NonWritableChannelException();
        }
        start(source);
        int moved = 0;
        try {
            int length = (int) Math.min(Math.max(0, namespace.size() - position), source.remaining());
            if (length == 0 && source.hasRemaining()) {
                throw new IOException("position " + position + " is beyond the end of " + namespace);
            }
            while (moved < length && isOpen()) {
                moved += writeOnce(source, length - moved);
            }
            return moved;
        } finally {
            finish(moved > 0);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private int writeOnce(ByteBuffer source, int wanted) throws IOException {
        Span span = new Span(position, wanted);
        ByteBuf data = whole(span);
        if (data == null) {
            return 0; // closed meanwhile
        }
        ByteBuffer part = source.duplicate();
        part.limit(part.position() + span.length);
        data.setBytes(span.head, part);
        await(namespace.write(span.lba, data).cast(ByteBuf.class));
        if (!isOpen()) {
            return 0;
        }
        source.position(part.position());
        position += span.length;
        return span.length;
    }

    /** Memory for all blocks of a span, with what the first and the last hold where only parts of them change. */
    private @Nullable ByteBuf whole(Span span) throws IOException {
        ByteBuf data = allocate(span.bytes());
        try {
            boolean partialHead = span.head > 0;
            boolean partialTail = span.head + span.length < span.bytes();
            boolean oneBlock = span.blocks == 1;
            if (partialHead || (partialTail && oneBlock)) {
                fill(data, span.lba, 0);
            }
            if (partialTail && !oneBlock) {
                fill(data, span.lba + span.blocks - 1, span.bytes() - namespace.blockSize());
            }
            return isOpen() ? data.retain() : null;
        } finally {
            data.release();
        }
    }

    private void fill(ByteBuf data, long lba, int index) throws IOException {
        ByteBuf block = await(namespace.read(lba, 1));
        if (block != null) {
            try {
                data.setBytes(index, block, block.readerIndex(), namespace.blockSize());
            } finally {
                block.release();
            }
        }
    }

    private static ByteBuf allocate(int bytes) throws IOException {
        try {
            return SharedAllocator.INSTANCE.directBuffer(bytes, bytes).writerIndex(bytes);
        } catch (OutOfMemoryError exhausted) {
            throw new IOException("no memory for " + bytes + " bytes; nothing was sent", exhausted);
        }
    }

    /**
     * Makes durable what was written before, see {@link NvmeNamespace#flush()}.
     *
     * @throws IOException if the controller fails it, or the channel is closed
     */
    public void force() throws IOException {
        start(this);
        boolean done = false;
        try {
            if (isOpen()) {
                await(namespace.flush().cast(ByteBuf.class));
            }
            done = isOpen();
        } finally {
            finish(done);
        }
    }

    @Override
    public long position() throws IOException {
        checkOpen();
        return position;
    }

    /**
     * Sets where the next transfer begins. Waits for one that is under way.
     *
     * @param newPosition at least 0; may lie beyond the end
     */
    @Override
    public NamespaceChannel position(long newPosition) throws IOException {
        Require.notNegative("position", newPosition);
        Awaited.checkThread();
        checkOpen();
        transfers.lock();
        try {
            position = newPosition;
        } finally {
            transfers.unlock();
        }
        return this;
    }

    /** The size of the namespace, as the controller has said it last. */
    @Override
    public long size() throws IOException {
        checkOpen();
        return namespace.size();
    }

    /**
     * Refused, as a namespace keeps its size.
     *
     * @throws UnsupportedOperationException unless the size is that of the namespace or larger, which changes nothing
     */
    @Override
    public NamespaceChannel truncate(long size) throws IOException {
        checkOpen();
        Require.notNegative("size", size);
        if (readOnly) {
            throw new NonWritableChannelException();
        }
        if (size < namespace.size()) {
            throw new UnsupportedOperationException(namespace + " cannot be truncated to " + size + " bytes");
        }
        return this;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void start(Object argument) throws IOException {
        Objects.requireNonNull(argument);
        Awaited.checkThread();
        checkOpen();
        transfers.lock();
        begin();
    }

    private void finish(boolean completed) throws IOException {
        try {
            end(completed);
        } finally {
            transfers.unlock();
        }
    }

    /** Waits for one command. Null if it has no data, or if the channel was closed. */
    private @Nullable ByteBuf await(Mono<ByteBuf> answer) throws IOException {
        Awaited awaited = Awaited.of(answer);
        command = awaited;
        if (!isOpen()) {
            awaited.close();
        }
        try {
            return awaited.next();
        } finally {
            command = null;
        }
    }

    @Override
    protected void implCloseChannel() {
        Awaited under = command;
        if (under != null) {
            under.close();
        }
    }

    /** The blocks of what one command moves, from a position on. */
    private final class Span {

        private final long lba;
        private final int blocks;

        /** Bytes of the first block before the position. */
        private final int head;

        /** Bytes of what is wanted. */
        private final int length;

        Span(long from, int wanted) {
            int blockSize = namespace.blockSize();
            head = (int) (from & blockSize - 1);
            lba = from / blockSize;
            int most = Math.max(1, Math.min(MAX_TRANSFER / blockSize, namespace.maxTransferBlocks()));
            blocks = (int) Math.min(most, ((long) head + wanted + blockSize - 1) / blockSize);
            length = Math.min(wanted, blocks * blockSize - head);
        }

        int bytes() {
            return blocks * namespace.blockSize();
        }
    }
}
