package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.PskHash;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.DhChapHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The options about authentication and TLS, without a run. */
class ProtectionTest {

    private static final KeyRequest REQUEST = new KeyRequest(KeyUse.TLS_PSK, "nqn.host", "nqn.subsystem");

    @TempDir
    Path directory;

    private static Protection parse(Object... options) {
        Protection protection = new Protection();
        String[] text = new String[options.length];
        for (int i = 0; i < text.length; i++) {
            text[i] = options[i].toString();
        }
        new CommandLine(protection).parseArgs(text);
        return protection;
    }

    private Path file(String name, char[] secret, String rights) throws IOException {
        Path file = Files.writeString(directory.resolve(name), new String(secret) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        return file;
    }

    private Path key() throws IOException {
        return file("key", ConfiguredPsk.generate(PskHash.SHA_256).toInterchangeFormat(), "rw-------");
    }

    private Path secret(String name) throws IOException {
        return file(name, DhChapSecret.random(DhChapHash.SHA_256).format(), "r--------");
    }

    private static void assertRefused(Protection protection, boolean embedded, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> protection.check(embedded, TransportType.TCP))
                .satisfies(refused -> assertThat(refused.getMessage()).contains(words));
    }

    @Test
    void withoutOptionsThereIsNone() {
        Protection none = parse();

        assertThatCode(() -> {
                    none.check(true, TransportType.RDMA);
                    none.check(false, TransportType.TCP);
                })
                .doesNotThrowAnyException();
        assertThat(none.security()).hasToString("Security[]");
        assertThat(none.lineForTarget()).isEmpty();
    }

    @Test
    void secretsComeFromFiles() throws IOException {
        char[] key = ConfiguredPsk.generate(PskHash.SHA_384).toInterchangeFormat();
        Protection tls = parse("--tls-key", file("key", key, "rw-------"));
        tls.check(false, TransportType.TCP);
        assertThat(tls.security().tls().orElseThrow().key(REQUEST).block()).isEqualTo(key);

        Protection both = parse("--host-secret", secret("host"), "--controller-secret", secret("controller"));
        both.check(false, TransportType.RDMA);
        assertThat(both.security().hostSecret()).isPresent();
        assertThat(both.security().controllerSecret()).isPresent();

        Protection joined = parse("--host-secret", secret("joined"), "--concatenate");
        joined.check(false, TransportType.TCP);
        assertThat(joined.security().isConcatenated()).isTrue();
    }

    @Test
    void theEmbeddedTargetHasTheKeyOfTheClient() {
        Protection tls = parse("--tls");
        tls.check(true, TransportType.TCP);

        assertThat(tls.lineForTarget())
                .isEqualTo(tls.security().tls().orElseThrow().key(REQUEST).block())
                .startsWith(ConfiguredPsk.PREFIX.toCharArray());
        assertThat(parse("--tls").lineForTarget()).isNotEqualTo(tls.lineForTarget());
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() throws IOException {
        assertRefused(parse("--tls"), false, "--tls ", "--target embedded");
        assertRefused(parse("--tls-key", key()), true, "--tls-key", "address");
        assertRefused(parse("--host-secret", secret("a")), true, "--host-secret", "address");
        assertRefused(parse("--controller-secret", secret("b")), false, "hostSecret");
        assertRefused(parse("--concatenate"), false, "hostSecret");
        assertRefused(
                parse("--concatenate", "--host-secret", secret("c"), "--tls-key", key()),
                false,
                "concatenation",
                "tls");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("--tls").check(true, TransportType.RDMA))
                .withMessageContaining("NVMe/TCP");
    }

    @Test
    void filesThatAreNoSecretsAreRefusedWithoutAWordOfThem() throws IOException {
        String text = "DHHC-1:00:no secret at all:";
        assertRefused(parse("--tls-key", directory.resolve("none")), false, "--tls-key", "none", "no such file");
        for (String rights : new String[] {"rw-r--r--", "rw-r-----", "rw----r--", "rw--w----"}) {
            assertRefused(
                    parse("--tls-key", file("open", "x".toCharArray(), rights)),
                    false,
                    "--tls-key",
                    "others than its owner",
                    "600");
            Files.delete(directory.resolve("open"));
        }
        Protection broken = parse("--host-secret", file("broken", text.toCharArray(), "rw-------"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> broken.check(false, TransportType.TCP))
                .satisfies(refused -> assertThat(refused.toString()).doesNotContain("no secret"));
        assertRefused(parse("--tls-key", file("large", new char[5000], "rw-------")), false, "--tls-key", "5001 bytes");
    }
}
