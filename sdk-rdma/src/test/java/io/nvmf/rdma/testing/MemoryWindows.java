package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaWindow;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The windows of one end. Event loop only. */
final class MemoryWindows {

    /** So many keys pass before one may come again. */
    private static final int KEYS_REMEMBERED = 1 << 16;

    private final Map<Integer, Window> windows = new HashMap<>();
    private final Set<Integer> recent = new HashSet<>();
    private final Queue<Integer> recentInOrder = new ArrayDeque<>();
    private final int most;
    private final boolean revokesAtOnce;

    MemoryWindows(int most, boolean revokesAtOnce) {
        this.most = most;
        this.revokesAtOnce = revokesAtOnce;
    }

    RdmaWindow expose(ByteBuf memory, int index, int length, RdmaAccess access) {
        if (windows.size() >= most) {
            throw new RdmaException(RdmaException.Kind.EXHAUSTED, "there are " + most + " windows already");
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int key = random.nextInt();
        while (key == RdmaConnection.NO_KEY || !recent.add(key)) {
            key = random.nextInt();
        }
        recentInOrder.add(key);
        if (recentInOrder.size() > KEYS_REMEMBERED) {
            recent.remove(recentInOrder.poll());
        }
        long address = random.nextLong();
        if (Long.compareUnsigned(address + length, address) < 0) {
            address -= length;
        }
        Window window = new Window(memory.retain(), index, length, access, address, key);
        windows.put(key, window);
        return window;
    }

    /** Puts bytes of the peer where it says. Null if that was done, else what is wrong. */
    @Nullable
    String place(byte[] bytes, long address, int key) {
        Window window = windows.get(key);
        String wrong = check(window, bytes.length, address, key, RdmaAccess.REMOTE_WRITE);
        if (wrong == null) {
            window.memory.setBytes(window.position(address), bytes);
        }
        return wrong;
    }

    /** Whether the peer may read there. Null if so, else what is wrong. */
    @Nullable
    String checkRead(int length, long address, int key) {
        return check(windows.get(key), length, address, key, RdmaAccess.REMOTE_READ);
    }

    /** What the peer reads; after {@link #checkRead}. */
    byte[] fetch(int length, long address, int key) {
        Window window = windows.get(key);
        byte[] bytes = new byte[length];
        window.memory.getBytes(window.position(address), bytes);
        return bytes;
    }

    private static @Nullable String check(
            @Nullable Window window, int length, long address, int key, RdmaAccess access) {
        if (window == null) {
            return String.format("there is no window with the key 0x%08x", key);
        }
        if (window.access != access) {
            return String.format("the window 0x%08x is for %s, not for %s", key, window.access, access);
        }
        long offset = address - window.address;
        if (Long.compareUnsigned(address, window.address) < 0
                || Long.compareUnsigned(offset, window.length) > 0
                || length > window.length - offset) {
            return String.format(
                    "0x%016x and %d bytes are not within the window 0x%08x of %d bytes at 0x%016x",
                    address, length, key, window.length, window.address);
        }
        return null;
    }

    /** The peer gives a window back. False if there is none with this key. */
    boolean invalidate(int key) {
        Window window = windows.get(key);
        if (window == null) {
            return false;
        }
        window.end();
        return true;
    }

    void closeAll() {
        List.copyOf(windows.values()).forEach(Window::end);
    }

    private final class Window implements RdmaWindow {

        private final ByteBuf memory;
        private final int index;
        private final int length;
        private final RdmaAccess access;
        private final long address;
        private final int key;
        private boolean open = true;

        Window(ByteBuf memory, int index, int length, RdmaAccess access, long address, int key) {
            this.memory = memory;
            this.index = index;
            this.length = length;
            this.access = access;
            this.address = address;
            this.key = key;
        }

        int position(long of) {
            return index + (int) (of - address);
        }

        void end() {
            if (open) {
                open = false;
                windows.remove(key);
                memory.release();
            }
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

        @Override
        public boolean close() {
            if (revokesAtOnce) {
                end();
            }
            return !open;
        }
    }
}
