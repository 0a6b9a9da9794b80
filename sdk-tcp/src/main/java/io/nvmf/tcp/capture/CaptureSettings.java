package io.nvmf.tcp.capture;

import java.nio.file.Path;

/**
 * What is captured, and to which file.
 *
 * @param file where to; connections with the same path share the file, with the settings of the first
 * @param fileSize bytes after which the next file begins
 * @param files how many are kept, this one included
 * @param dataBytes bytes of the data of each PDU that are written
 */
public record CaptureSettings(Path file, long fileSize, int files, int dataBytes) {

    /** Default of {@link #fileSize}, in bytes. */
    public static final long DEFAULT_FILE_SIZE = 64L * 1024 * 1024;

    /** Least {@link #fileSize}, in bytes: a few packets fit whatever is in them. */
    public static final long MIN_FILE_SIZE = 1024L * 1024;

    /** Greatest {@link #fileSize}, in bytes. */
    public static final long MAX_FILE_SIZE = 1L << 40;

    /** Default of {@link #files}. */
    public static final int DEFAULT_FILES = 4;

    /** Greatest {@link #files}. */
    public static final int MAX_FILES = 1000;

    /** Greatest {@link #dataBytes}: Wireshark takes packets of up to 256 KiB. */
    public static final int MAX_DATA = 128 * 1024;

    /**
     * Makes the path one that is the same for everybody who means the same file.
     *
     * @param file where to
     * @param fileSize bytes of one file
     * @param files number of files
     * @param dataBytes bytes of data of each PDU
     */
    public CaptureSettings {
        file = file.toAbsolutePath().normalize();
    }
}
