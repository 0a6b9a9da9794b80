package io.nvmf.samples.replicate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The state of a copy on disk. A new state is written beside the old one, forced to the disk and then takes its name,
 * so there is always a whole one. All methods block.
 */
final class StateFile {

    /** What it begins with, and nothing else does. */
    private static final String TITLE = "nvmf-replicate state 1\n";

    private static final String CHECKSUM = "checksum=";
    private static final String VERIFY = "verify=";
    private static final String YES = "yes";
    private static final String NO = "no";
    private static final int HEX = 16;
    private static final int MOST_BYTES = 64 * 1024;

    private final Path path;

    StateFile(Path path) {
        this.path = path;
    }

    /** {@return a name for the state of a copy that the user has not named: one for each copy} */
    static Path nameFor(CopyJob job) {
        return Path.of(String.format("nvmf-replicate-%08x.state", crc(text(CopyState.begin(job)))));
    }

    Path path() {
        return path;
    }

    /**
     * Reads the state of a copy.
     *
     * @return empty if there is no file
     * @throws RefusedException if the file is not whole, is something else, or of another copy
     * @throws IOException if it cannot be read
     */
    Optional<CopyState> load(CopyJob job) throws IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        String text = read();
        int end = text.lastIndexOf(CHECKSUM);
        if (!text.startsWith(TITLE) || end < 0) {
            throw new RefusedException(path + " is not a whole state file of nvmf-replicate");
        }
        String body = text.substring(0, end);
        if (!text.equals(sealed(body))) {
            throw new RefusedException(path + " is damaged; --restart copies from the beginning");
        }
        List<String> lines = body.lines().toList();
        List<String> expected = lines(job);
        for (int i = 0; i < expected.size(); i++) {
            String found = i + 1 < lines.size() ? lines.get(i + 1) : "";
            if (!found.equals(expected.get(i))) {
                throw new RefusedException(path + " is of another copy: it has " + found + ", this one "
                        + expected.get(i) + "; --state names another file, --restart copies from the beginning");
            }
        }
        return Optional.of(progress(job, lines.subList(expected.size() + 1, lines.size())));
    }

    private CopyState progress(CopyJob job, List<String> lines) {
        try {
            long durable = Long.parseLong(value(lines, 0, "durable="));
            int checksum = Integer.parseUnsignedInt(value(lines, 1, "crc32c="), HEX);
            String verify = value(lines, 2, VERIFY);
            if (lines.size() == 3
                    && durable >= 0
                    && durable <= job.length()
                    && (verify.equals(YES) || verify.equals(NO))) {
                return new CopyState(job, durable, checksum, verify.equals(YES));
            }
        } catch (NumberFormatException e) {
            throw new RefusedException(path + " says something else than numbers: " + e.getMessage());
        }
        throw new RefusedException(path + " makes no sense: " + lines);
    }

    private static String value(List<String> lines, int index, String name) {
        String line = index < lines.size() ? lines.get(index) : "";
        return line.startsWith(name) ? line.substring(name.length()) : "";
    }

    private String read() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }

    /**
     * Makes sure that writing a first state will not take away somebody else's file.
     *
     * @throws RefusedException if there is a file that is no state
     * @throws IOException if it cannot be read
     */
    void requireOursOrNone() throws IOException {
        if (Files.exists(path) && !read().startsWith(TITLE)) {
            throw new RefusedException(path + " is not a state file of nvmf-replicate, so it is not overwritten");
        }
    }

    /**
     * Replaces the state, whole or not at all, also if the power fails.
     *
     * @throws IOException if the file cannot be written
     */
    void save(CopyState state) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path next = absolute.resolveSibling(absolute.getFileName() + ".new");
        try (FileChannel file = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(sealed(text(state)).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(next, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(absolute.resolveSibling(""));
    }

    /** The new name survives a loss of power, too, where a directory can be opened: not on Windows. */
    private static void forceDirectory(Path directory) throws IOException {
        if (!System.getProperty("os.name").startsWith("Windows")) {
            try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    /**
     * The copy is complete: there is nothing to go on with.
     *
     * @throws IOException if it cannot be deleted
     */
    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    private static String text(CopyState state) {
        return TITLE + String.join("\n", lines(state.job())) + "\ndurable=" + state.durable() + "\ncrc32c="
                + String.format("%08x", state.checksum()) + '\n' + VERIFY + (state.toVerify() ? YES : NO) + '\n';
    }

    private static List<String> lines(CopyJob job) {
        List<String> lines = new ArrayList<>();
        lines.add("source=" + oneLine(job.source()));
        lines.add("target=" + oneLine(job.target()));
        lines.add("source-size=" + job.sourceSize());
        lines.add("target-size=" + job.targetSize());
        lines.add("offset=" + job.sourceOffset());
        lines.add("target-offset=" + job.targetOffset());
        lines.add("length=" + job.length());
        return lines;
    }

    /** NQNs may have any character. */
    private static String oneLine(String text) {
        return text.replace("\\", "\\\\").replaceAll("\\R", "\\\\n");
    }

    private static String sealed(String body) {
        return body + CHECKSUM + String.format("%08x", crc(body)) + '\n';
    }

    private static int crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }
}
