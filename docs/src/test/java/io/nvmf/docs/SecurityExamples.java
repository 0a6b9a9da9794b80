package io.nvmf.docs;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyProviders;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import reactor.core.publisher.Mono;

/** docs/security.md. */
final class SecurityExamples {

    private SecurityExamples() {}

    static void makeSecret(Path file) throws IOException {
        Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rw-------");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(ownerOnly));
        try (DhChapSecret secret = DhChapSecret.random(DhChapHash.SHA_256);
                Writer out = Files.newBufferedWriter(file)) {
            char[] text = secret.format(); // DHHC-1:01:…:
            out.write(text);
            Arrays.fill(text, '\0');
        }
    }

    static void makeKey(Path file) throws IOException {
        Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rw-------");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(ownerOnly));
        try (ConfiguredPsk key = ConfiguredPsk.generate(PskHash.SHA_256);
                Writer out = Files.newBufferedWriter(file)) {
            char[] text = key.toInterchangeFormat(); // NVMeTLSkey-1:01:…:
            out.write(text);
            Arrays.fill(text, '\0');
        }
    }

    static NvmeClient authenticated(Path keys) {
        Security bothProveThemselves = Security.none()
                .hostSecret(KeyProviders.file(keys.resolve("host.secret")))
                .controllerSecret(KeyProviders.file(keys.resolve("controller.secret")));
        NvmeClient client = NvmeClient.from("nvme+tcp://array-1:4420/nqn.2026-01.com.example:disk")
                .hostNqn("nqn.2026-01.com.example:backup-service")
                .security(bothProveThemselves);
        return client;
    }

    static NvmeClient encrypted(Path keys) {
        NvmeClient client = NvmeClient.from("nvme+tcp://array-1:4420/nqn.2026-01.com.example:disk")
                .hostNqn("nqn.2026-01.com.example:backup-service")
                .security(Security.none().tls(KeyProviders.file(keys.resolve("tls.key"))));
        return client;
    }

    static Security concatenated(Security bothProveThemselves) {
        Security encryptedToo = bothProveThemselves.concatenation();
        return encryptedToo;
    }

    static Security strong(Security security) {
        Security strong = security.algorithms(DhChapAlgorithms.defaults()
                .withHashes(DhChapHash.SHA_384, DhChapHash.SHA_512)
                .withGroups(DhGroup.FFDHE4096, DhGroup.FFDHE3072));
        return strong;
    }

    static NvmeTarget target(Path keys) {
        NvmeTarget target = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .security(Security.none()
                        .hostSecret(KeyProviders.directory(keys.resolve("hosts")))
                        .controllerSecret(KeyProviders.file(keys.resolve("controller.secret"))));
        return target;
    }

    static Security old(Security security) {
        Security forOldTools = security.labelForm(HkdfLabelForm.LIBNVME_1_14);
        return forOldTools;
    }

    /** A service that has secrets. */
    interface Vault {
        Mono<String> read(String name);
    }

    static KeyProvider vault(Vault vault) {
        KeyProvider fromVault =
                request -> vault.read(request.use() + "/" + request.hostNqn()).map(String::toCharArray);
        return fromVault;
    }
}
