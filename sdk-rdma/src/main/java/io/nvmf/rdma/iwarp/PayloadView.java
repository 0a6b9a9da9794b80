package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A range of memory as the check sum wants it. The view is made when it is needed first, and serves all segments of the
 * range: a view for each would be most of what they allocate. It is of its own, because other threads may use the same
 * buffer. Event loop only.
 */
final class PayloadView {

    private @Nullable ByteBuffer view;

    /** Adds bytes of the range to a check sum, counted from its beginning. */
    void update(CRC32C crc, ByteBuf memory, int index, int length, int from, int bytes) {
        if (memory.nioBufferCount() != 1) {
            Fpdu.update(crc, memory, index + from, bytes);
            return;
        }
        ByteBuffer known = view;
        if (known == null) {
            known = memory.nioBuffer(index, length);
            view = known;
        }
        crc.update(known.limit(from + bytes).position(from));
    }

    /** The memory is not this one's any more. */
    void clear() {
        view = null;
    }
}
