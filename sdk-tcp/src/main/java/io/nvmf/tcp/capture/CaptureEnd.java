package io.nvmf.tcp.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What an existing file is, as far as it matters to whoever wants to write to it. */
final class CaptureEnd {

    private static final int ALIGNMENT = 4;

    private CaptureEnd() {}

    /** Whether the file begins like a capture. */
    static boolean isCapture(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return number(channel, 0) == Pcapng.SECTION_HEADER;
        }
    }

    /** Whether the file ends with a whole block, as it does unless the process that wrote it was killed. */
    static boolean isWhole(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size % ALIGNMENT != 0 || size < Pcapng.BLOCK_OVERHEAD) {
                return false;
            }
            long length = number(channel, size - Integer.BYTES) & 0xFFFF_FFFFL;
            if (length < Pcapng.BLOCK_OVERHEAD || length > size || length % ALIGNMENT != 0) {
                return false;
            }
            int type = number(channel, size - length);
            boolean known = type == Pcapng.ENHANCED_PACKET
                    || type == Pcapng.INTERFACE_STATISTICS
                    || type == Pcapng.INTERFACE_DESCRIPTION
                    || type == Pcapng.SECTION_HEADER;
            return known && number(channel, size - length + Integer.BYTES) == (int) length;
        }
    }

    /** Four bytes of the file as we write them; 0 where there are none. */
    private static int number(FileChannel channel, long position) throws IOException {
        ByteBuffer bytes = Pcapng.buffer(Integer.BYTES);
        while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) > 0) {
            // All four of them.
        }
        return bytes.getInt(0);
    }
}
