package io.nvmf.samples.webflux.browser;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** A file of random bytes, the same in every run. */
record TestFile(Path path, long size, String crc32c) {

    private static final int PIECE = 1 << 16;

    static TestFile create(Path path, long size, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CRC32C crc = new CRC32C();
        byte[] piece = new byte[PIECE];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
            for (long written = 0; written < size; written += PIECE) {
                random.nextBytes(piece);
                int length = (int) Math.min(PIECE, size - written);
                out.write(piece, 0, length);
                crc.update(piece, 0, length);
            }
        }
        return new TestFile(path, size, hex(crc));
    }

    /** The checksum of a stream. */
    static String crc32c(InputStream in) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] piece = new byte[PIECE];
        for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
            crc.update(piece, 0, length);
        }
        return hex(crc);
    }

    private static String hex(CRC32C crc) {
        return String.format("%08x", crc.getValue());
    }
}
