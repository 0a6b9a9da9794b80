package io.nvmf.channel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Gathers bytes up to the largest command, so that each but the first and the last begins and ends with a block. */
final class RangeOutputStream extends OutputStream {

    private final NamespaceChannel channel;
    private final ByteBuffer gathered = ByteBuffer.allocate(NamespaceChannel.MAX_TRANSFER);

    /**
     * @param channel at the position of the first byte
     * @param offset that position
     */
    RangeOutputStream(NamespaceChannel channel, long offset) {
        this.channel = channel;
        gathered.limit(NamespaceChannel.MAX_TRANSFER - (int) (offset % NamespaceChannel.MAX_TRANSFER));
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int step = Math.min(end - from, gathered.remaining());
            gathered.put(bytes, from, step);
            from += step;
            if (!gathered.hasRemaining()) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        int room = gathered.remaining();
        gathered.flip();
        try {
            while (gathered.hasRemaining()) {
                channel.write(gathered);
            }
        } finally {
            gathered.clear();
            // The next one ends where this one would have: with a block.
            if (room > 0) {
                gathered.limit(room);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try (channel) {
            flush();
            channel.force();
        }
    }
}
