package io.nvmf.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Writes at a position, in small pieces, until the disk is full; nothing else of a channel is to be used. */
final class WatchedFile extends FileChannel {

    private static final int PIECE = 600;

    private final FileChannel channel;
    private final int failingWrite;
    private int writes;
    int forced;

    /**
     * @param failingWrite which buffer does not fit, with 0 none
     */
    WatchedFile(FileChannel channel, int failingWrite) {
        this.channel = channel;
        this.failingWrite = failingWrite;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        if (source.remaining() > PIECE) {
            if (++writes == failingWrite) {
                throw new IOException("No space left on device");
            }
            ByteBuffer piece = source.duplicate().limit(source.position() + PIECE);
            source.position(source.position() + PIECE);
            return channel.write(piece, position);
        }
        return channel.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
        forced++;
        channel.force(metaData);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        channel.close();
    }

    @Override
    public int read(ByteBuffer target, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
