package io.nvmf.security.key;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Reads files that only their owner may see. Blocks. */
final class KeyFile {

    /** Far more than the longest text of a key. */
    static final int MOST_TEXT = 4096;

    private static final Set<PosixFilePermission> WRITING_OF_OTHERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> ACCESS_OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private KeyFile() {}

    /** The text in a file, without the line break at its end; the caller's to wipe. */
    static char[] text(Path path) throws IOException {
        byte[] bytes = bytes(path, MOST_TEXT);
        try {
            char[] text = text(bytes, withoutLineBreak(bytes));
            if (text.length == 0) {
                throw refused(path, "it is empty");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw refused(path, "it is not text in UTF-8");
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** Text in UTF-8; the caller's to wipe. */
    static char[] text(byte[] bytes, int length) throws CharacterCodingException {
        CharBuffer decoded = CharBuffer.allocate(length);
        try {
            CoderResult result =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length), decoded, true);
            if (result.isError()) {
                throw new CharacterCodingException();
            }
            return Arrays.copyOf(decoded.array(), decoded.position());
        } finally {
            Arrays.fill(decoded.array(), '\0');
        }
    }

    private static int withoutLineBreak(byte[] bytes) {
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\n') {
            length--;
            if (length > 0 && bytes[length - 1] == '\r') {
                length--;
            }
        }
        return length;
    }

    /** All bytes of a file; the caller's to wipe. */
    static byte[] bytes(Path path, int most) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                // a pipe would keep the thread for as long as somebody likes
                throw refused(path, "it is not a regular file");
            }
            refuseIfGranted(path, ACCESS_OF_OTHERS, "read or write it (chmod 600)");
            if (attributes.size() > most) {
                throw refused(path, "it has " + attributes.size() + " bytes, more than " + most);
            }
            return read(path, (int) attributes.size());
        } catch (NoSuchFileException e) {
            throw because(new NoSuchFileException(path.toString(), null, "there is no such file"), e);
        } catch (AccessDeniedException e) {
            throw because(new AccessDeniedException(path.toString(), null, "it may not be read"), e);
        }
    }

    /** Refuses a directory where somebody else could put files. */
    static void requireDirectory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            throw refused(path, "there is no such directory");
        }
        refuseIfGranted(path, WRITING_OF_OTHERS, "write into it (chmod go-w)");
    }

    /** Into memory of its own: channels copy what goes to an array through buffers that they keep and nobody wipes. */
    private static byte[] read(Path path, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size + 1);
        try (SeekableByteChannel channel = Files.newByteChannel(path, StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // until its end
            }
            if (!buffer.hasRemaining()) {
                throw refused(path, "it grows while it is read");
            }
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        } finally {
            buffer.clear();
            buffer.put(new byte[size + 1]);
        }
    }

    private static void refuseIfGranted(Path path, Set<PosixFilePermission> refused, String what) throws IOException {
        PosixFileAttributeView posix = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (posix != null) {
            Set<PosixFilePermission> granted = posix.readAttributes().permissions();
            if (granted.stream().anyMatch(refused::contains)) {
                throw refused(path, "its mode " + mode(granted) + " lets others than its owner " + what);
            }
        }
    }

    /** As {@code chmod} has it. */
    private static String mode(Set<PosixFilePermission> granted) {
        int mode = 0;
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            mode = mode << 1 | (granted.contains(permission) ? 1 : 0);
        }
        return String.format("0%03o", mode);
    }

    static FileSystemException refused(Path path, String why) {
        return new FileSystemException(path.toString(), null, why);
    }

    static <E extends Exception> E because(E failure, Throwable cause) {
        failure.initCause(cause);
        return failure;
    }
}
