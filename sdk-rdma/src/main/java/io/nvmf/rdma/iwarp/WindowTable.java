package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The windows of one connection, so that no other connection can reach them. Index and key byte of an STag are random,
 * and so are the addresses that the peer is told. Event loop only.
 */
final class WindowTable {

    private final KeySource keys;
    private final IntObjectHashMap<Window> windows = new IntObjectHashMap<>();

    WindowTable(KeySource keys) {
        this.keys = keys;
    }

    /** Opens a window. */
    Window expose(ByteBuf memory, int index, int length, RdmaAccess access) {
        Objects.checkFromIndexSize(index, length, memory.capacity());
        if (length == 0) {
            throw new IllegalArgumentException("a window without a byte");
        }
        Window window = new Window(this, memory, index, length, access, address(length), key());
        windows.put(window.key(), window);
        return window;
    }

    private int key() {
        int key = keys.nextInt();
        while (key == RdmaConnection.NO_KEY || windows.containsKey(key)) {
            key = keys.nextInt();
        }
        return key;
    }

    /** Random, and such that neither the last byte nor the one behind it is beyond 64 bits. */
    private long address(int length) {
        long address = keys.nextLong();
        while (Long.compareUnsigned(address + length, address) < 0) {
            address = keys.nextLong();
        }
        return address;
    }

    /** Null if the peer has no such window. */
    @Nullable
    Window find(int key) {
        return windows.get(key);
    }

    void remove(Window window) {
        windows.remove(window.key());
    }

    int size() {
        return windows.size();
    }

    void closeAll() {
        for (Window window : new ArrayList<>(windows.values())) {
            window.close();
        }
    }
}
