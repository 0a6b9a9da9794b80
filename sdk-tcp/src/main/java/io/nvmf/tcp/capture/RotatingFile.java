package io.nvmf.tcp.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The files on disk. The one that is written has the name that was given. When it is full, it becomes {@code name.1},
 * and the one before {@code name.2}, up to the number of files that are kept; the number stands before the suffix of the
 * name. What is there at the beginning is kept in the same way: a file that is whole goes on with a section more, and
 * another becomes {@code name.1}. Only the owner may read them. One thread.
 */
final class RotatingFile implements AutoCloseable {

    /** More than the largest packet takes. */
    private static final int BUFFER = 512 * 1024;

    /** Kept free at the end of a file, for its statistics. */
    private static final int RESERVE = 64;

    private final CaptureSettings settings;
    private final ByteBuffer buffer = Pcapng.buffer(BUFFER);
    private FileChannel channel;

    /** Bytes of the file, with those in the buffer. */
    private long size;

    private long written;
    private long knownDropped;

    RotatingFile(CaptureSettings settings) throws IOException {
        this.settings = settings;
        Path file = settings.file();
        long present = Files.exists(file) ? Files.size(file) : 0;
        if (present > 0 && !CaptureEnd.isCapture(file)) {
            throw new IOException(file + " exists and is no capture");
        }
        if (present > 0 && (present >= settings.fileSize() || !CaptureEnd.isWhole(file))) {
            shift();
            present = 0;
        }
        channel = open();
        size = present;
        section();
    }

    private FileChannel open() throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownersOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(
                settings.file(), Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), ownersOnly);
    }

    private void section() {
        int before = buffer.position();
        int data = settings.dataBytes();
        Pcapng.section(
                buffer,
                data == 0
                        ? "NVMe/TCP without the data of PDUs; headers of IP and TCP are made up"
                        : "NVMe/TCP with up to " + data
                                + " bytes of the data of each PDU; headers of IP and TCP are made up");
        size += buffer.position() - before;
    }

    /**
     * Writes a packet, to the next file if this one is full.
     *
     * @param packet the packet
     * @param dropped packets that have not come here so far
     */
    void write(CapturedPacket packet, long dropped) throws IOException {
        int most = Pcapng.mostBytes(packet);
        if (size + most + RESERVE > settings.fileSize()) {
            finish(dropped, packet.nanos());
            channel.close();
            shift();
            channel = open();
            size = 0;
            section();
        }
        if (buffer.remaining() < most) {
            flush();
        }
        int before = buffer.position();
        Pcapng.packet(buffer, packet, dropped - knownDropped);
        size += buffer.position() - before;
        knownDropped = dropped;
        written++;
    }

    /** Packets that have been written here, to whichever file. */
    long written() {
        return written;
    }

    /** Gives everything to the operating system: from here on it survives this process. */
    void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** Writes the statistics and everything else. */
    void finish(long dropped, long nanos) throws IOException {
        if (buffer.remaining() < RESERVE) {
            flush();
        }
        Pcapng.statistics(buffer, nanos, written + dropped, dropped);
        flush();
    }

    /** Makes the name free; the oldest file goes if there are as many as may be kept. */
    private void shift() throws IOException {
        int oldest = settings.files() - 1;
        if (oldest == 0) {
            Files.deleteIfExists(settings.file());
            return;
        }
        for (int number = oldest; number >= 1; number--) {
            Path from = name(number - 1);
            if (Files.exists(from)) {
                Files.move(from, name(number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path name(int number) {
        Path file = settings.file();
        if (number == 0) {
            return file;
        }
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(
                dot <= 0 ? name + '.' + number : name.substring(0, dot) + '.' + number + name.substring(dot));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
