package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyProviders;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.TransportType;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * The options about authentication and TLS. Secrets come from files and nowhere else: a command line is seen by everybody
 * on the machine.
 */
final class Protection {

    /** A file has one secret, whoever asks. */
    private static final KeyRequest ANY = new KeyRequest(KeyUse.TLS_PSK, "host", "subsystem");

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
        read("--tls-key", tlsKey, ConfiguredPsk::from);
        read("--host-secret", hostSecret, DhChapSecret::from);
        read("--controller-secret", controllerSecret, DhChapSecret::from);
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
            security = security.tls(KeyProviders.file(tlsKey));
        }
        if (hostSecret != null) {
            security = security.hostSecret(KeyProviders.file(hostSecret));
        }
        if (controllerSecret != null) {
            security = security.controllerSecret(KeyProviders.file(controllerSecret));
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

    private static void read(
            String option,
            @Nullable Path file,
            BiFunction<KeyProvider, KeyRequest, Mono<? extends AutoCloseable>> reader) {
        if (file == null) {
            return;
        }
        try (AutoCloseable secret = reader.apply(KeyProviders.file(file), ANY).block()) {
            Objects.requireNonNull(secret, "a file that is there has text");
        } catch (Exception e) {
            Throwable cause = Exceptions.unwrap(e);
            throw new IllegalArgumentException(option + ' ' + cause.getMessage(), cause);
        }
    }
}
