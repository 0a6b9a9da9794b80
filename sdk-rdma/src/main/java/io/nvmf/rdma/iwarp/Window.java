package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaWindow;
import java.util.zip.CRC32C;

/** Memory that the peer can reach. It holds a reference to it until nobody can. Event loop only. */
final class Window implements RdmaWindow {

    private final WindowTable table;
    private final ByteBuf memory;
    private final int index;
    private final int length;
    private final RdmaAccess access;
    private final long address;
    private final int key;

    private final PayloadView view = new PayloadView();

    private boolean open = true;

    /** Answers to reads of the peer that are being sent from here, and that the socket may still read. */
    private int leaving;

    Window(WindowTable table, ByteBuf memory, int index, int length, RdmaAccess access, long address, int key) {
        this.table = table;
        this.memory = memory.retain();
        this.index = index;
        this.length = length;
        this.access = access;
        this.address = address;
        this.key = key;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public int key() {
        return key;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    ByteBuf memory() {
        return memory;
    }

    RdmaAccess access() {
        return access;
    }

    /** What is wrong with a range that the peer named. */
    enum Range {
        RIGHT,
        WRAPS,
        OUTSIDE
    }

    /**
     * Checks a range in 64 bits.
     *
     * @param offset as the peer said it
     * @param bytes at least 1, at most 2<sup>32</sup> - 1
     */
    Range check(long offset, long bytes) {
        if (Long.compareUnsigned(offset + (bytes - 1), offset) < 0) {
            return Range.WRAPS;
        }
        // The window itself does not wrap, so what is below it is further away than it is long.
        if (bytes > length || Long.compareUnsigned(offset - address, length - bytes) > 0) {
            return Range.OUTSIDE;
        }
        return Range.RIGHT;
    }

    /** Index in the memory of an offset that was checked. */
    int indexOf(long offset) {
        return index + (int) (offset - address);
    }

    /** Adds bytes to a check sum; where they begin is an index in the memory. */
    void update(CRC32C crc, int from, int bytes) {
        view.update(crc, memory, index, length, from - index, bytes);
    }

    /** The answer to a read begins to be sent. */
    void beginLeaving() {
        leaving++;
    }

    /** The socket has taken the whole answer. */
    void left() {
        leaving--;
        if (!open && leaving == 0) {
            memory.release();
        }
    }

    @Override
    public boolean close() {
        if (open) {
            open = false;
            table.remove(this);
            if (leaving == 0) {
                memory.release();
            }
        }
        return leaving == 0;
    }
}
