package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.spec.TransportType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options about authentication and TLS. Secrets come from files and nowhere else: a command line is seen by everybody
 * on the machine.
 */
final class Protection {

    private static final Set<PosixFilePermission> OF_OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private static final int MOST_BYTES = 1024;

    @Option(
            names = "--tls",
            description = "TLS between the client and the embedded target, with a key that is made for the run")
    private boolean tls;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "TLS with the key in this file, as NVMeTLSkey-1:...; only its owner may read the file")
    @Nullable
    private Path tlsKey;

    @Option(
            names = "--host-secret",
            paramLabel = "FILE",
            description = "the client proves who it is, with the secret in this file, as DHHC-1:...")
    @Nullable
    private Path hostSecret;

    @Option(
            names = "--controller-secret",
            paramLabel = "FILE",
            description = "the controller has to prove who it is, with the secret in this file; with --host-secret")
    @Nullable
    private Path controllerSecret;

    @Option(
            names = "--concatenate",
            description = "TLS with the key that comes of the authentication; with --host-secret")
    private boolean concatenate;

    /** Made when it is first needed. */
    private @Nullable ConfiguredPsk generated;

    /**
     * Checks that nothing is asked for that this run does not have, and that the files hold what they should.
     *
     * @param embedded whether the target is the embedded one
     * @throws IllegalArgumentException if not; the message names the option or the file, and says nothing of a secret
     */
    void check(boolean embedded, TransportType type) {
        if (embedded) {
            refuse(tlsKey != null, "--tls-key", "goes with an address; --tls is for the embedded target");
            refuse(hostSecret != null, "--host-secret", "goes with an address");
            refuse(controllerSecret != null, "--controller-secret", "goes with an address");
            refuse(concatenate, "--concatenate", "goes with an address");
        } else {
            refuse(tls, "--tls", "goes with --target embedded; --tls-key is for an address");
        }
        if (type != TransportType.TCP) {
            String reason = "goes with NVMe/TCP";
            refuse(tls, "--tls", reason);
            refuse(tlsKey != null, "--tls-key", reason);
            refuse(concatenate, "--concatenate", reason);
        }
        security().validate();
    }

    private static void refuse(boolean given, String option, String reason) {
        if (given) {
            throw new IllegalArgumentException(option + ' ' + reason);
        }
    }

    /** The client with what was asked for. */
    NvmeClient applyTo(NvmeClient client) {
        return client.security(security());
    }

    Security security() {
        Security security = Security.none();
        if (tls) {
            security = security.tls(generated());
        }
        if (tlsKey != null) {
            ConfiguredPsk key = read("--tls-key", tlsKey, text -> ConfiguredPsk.parse(CharBuffer.wrap(text)));
            security = security.tls(key);
        }
        if (hostSecret != null) {
            security = security.hostSecret(secret("--host-secret", hostSecret));
        }
        if (controllerSecret != null) {
            security = security.controllerSecret(secret("--controller-secret", controllerSecret));
        }
        return concatenate ? security.concatenation() : security;
    }

    /** For the standard input of the embedded target: one line, with a key or without. */
    char[] lineForTarget() {
        return tls ? generated().toInterchangeFormat() : new char[0];
    }

    /** The embedded target with what {@link #lineForTarget} said. */
    static NvmeTarget applyTo(NvmeTarget target, String line) {
        return line.isEmpty() ? target : target.security(Security.none().tls(ConfiguredPsk.parse(line)));
    }

    private ConfiguredPsk generated() {
        ConfiguredPsk key = generated;
        if (key == null) {
            key = ConfiguredPsk.generate(PskHash.SHA_256);
            generated = key;
        }
        return key;
    }

    private static DhChapSecret secret(String option, Path file) {
        return read(option, file, DhChapSecret::parse);
    }

    private static <T> T read(String option, Path file, Function<char[], T> parser) {
        byte[] bytes = new byte[0];
        CharBuffer text = CharBuffer.allocate(0);
        char[] trimmed = new char[0];
        try {
            checkOwner(option, file);
            if (Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException(option + ' ' + file + " is too large for a key");
            }
            bytes = Files.readAllBytes(file);
            text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes));
            int length = text.length();
            while (length > 0 && Character.isWhitespace(text.get(length - 1))) {
                length--;
            }
            trimmed = Arrays.copyOf(text.array(), length);
            return parser.apply(trimmed);
        } catch (FileSystemException e) {
            throw new IllegalArgumentException(option + ' ' + file + " cannot be read: " + e, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(text.array(), '\0');
            Arrays.fill(trimmed, '\0');
        }
    }

    private static void checkOwner(String option, Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        if (Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains)) {
            throw new IllegalArgumentException(option + ' ' + file + " is open to others: chmod 600 " + file);
        }
    }
}
