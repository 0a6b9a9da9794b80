package io.nvmf.security.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

@EnabledOnOs({OS.LINUX, OS.MAC})
class KeyProvidersTest {
    private static final String TEXT = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";
    private static final String OTHER_TEXT = "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
    private static final String HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM = "nqn.2026-01.com.example:disks";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private static KeyRequest request(String host) {
        return new KeyRequest(KeyUse.HOST_SECRET, host, SUBSYSTEM);
    }

    /** On a thread that BlockHound watches, as event loops are. */
    private static Mono<String> asked(KeyProvider provider, String host) {
        return Mono.defer(() -> provider.key(request(host)))
                .subscribeOn(Schedulers.parallel())
                .map(String::new);
    }

    private static String text(KeyProvider provider) {
        return asked(provider, HOST).block(LIMIT);
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return restricted(Files.write(directory.resolve(name), bytes));
    }

    private static Path restricted(Path path) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static Throwable failure(KeyProvider provider) {
        return Exceptions.unwrap(catchThrowable(() -> text(provider)));
    }

    private static void refuses(KeyProvider provider, Path path, String why) {
        assertThat(failure(provider)).isInstanceOf(FileSystemException.class).hasMessage(path + ": " + why);
    }

    @Test
    void textIsGivenOnceMoreToEachWhoAsks() {
        char[] own = TEXT.toCharArray();
        KeyProvider provider = KeyProviders.text(own);
        own[0] = 'X';
        char[] first = provider.key(request(HOST)).block();
        assertThat(new String(first)).isEqualTo(TEXT);
        first[0] = 'Y';
        assertThat(text(provider)).isEqualTo(TEXT);
        assertThat(provider).hasToString("text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void aFileHasTheTextAndPerhapsALineBreak(String end) throws IOException {
        assertThat(text(KeyProviders.file(write("key", TEXT + end)))).isEqualTo(TEXT);
    }

    @Test
    void onlyOneLineBreakIsNoPartOfTheText() throws IOException {
        assertThat(text(KeyProviders.file(write("key", " ä" + TEXT + "\n\n")))).isEqualTo(" ä" + TEXT + "\n");
    }

    @Test
    void aFileThatIsReplacedIsReadAnew() throws IOException {
        Path path = write("key", TEXT);
        Mono<String> key = asked(KeyProviders.file(path), HOST);
        assertThat(key.block(LIMIT)).isEqualTo(TEXT);
        Files.move(write("new", OTHER_TEXT), path, StandardCopyOption.REPLACE_EXISTING);
        assertThat(key.block(LIMIT)).isEqualTo(OTHER_TEXT);
    }

    @Test
    void aFileThatIsNotThereIsAnErrorWithItsPath() {
        Path path = directory.resolve("none");
        refuses(KeyProviders.file(path), path, "there is no such file");
        assertThat(failure(KeyProviders.file(path))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileThatIsTooLargeEmptyOrNoTextIsRefused() throws IOException {
        Path large = write("large", new byte[4097]);
        refuses(KeyProviders.file(large), large, "it has 4097 bytes, more than 4096");
        assertThat(text(KeyProviders.file(write("largest", "a".repeat(4096))))).hasSize(4096);
        Path empty = write("empty", "\n");
        refuses(KeyProviders.file(empty), empty, "it is empty");
        Path binary = write("binary", new byte[] {'D', 'H', (byte) 0xFF});
        refuses(KeyProviders.file(binary), binary, "it is not text in UTF-8");
        refuses(KeyProviders.file(directory), directory, "it is not a regular file");
    }

    @ParameterizedTest
    @CsvSource({"rw-r-----,0640", "rw--w----,0620", "rw----r--,0604", "rw-----w-,0602", "rwxrwxrwx,0777"})
    void aFileThatOthersMayReadOrWriteIsRefusedWithItsMode(String permissions, String mode) throws IOException {
        Path path = write("key", TEXT);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        refuses(
                KeyProviders.file(path),
                path,
                "its mode " + mode + " lets others than its owner read or write it (chmod 600)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"r--------", "rw-------", "rwx--x--x"})
    void aFileThatOnlyItsOwnerMayReadIsRead(String permissions) throws IOException {
        Path path = write("key", TEXT);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        assertThat(text(KeyProviders.file(path))).isEqualTo(TEXT);
    }

    @Test
    void theModeOfTheFileAtTheEndOfALinkCounts() throws IOException {
        Path path = write("key", TEXT);
        Path link = Files.createSymbolicLink(directory.resolve("link"), path.getFileName());
        assertThat(text(KeyProviders.file(link))).isEqualTo(TEXT);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        refuses(KeyProviders.file(link), link, "its mode 0644 lets others than its owner read or write it (chmod 600)");
    }

    @Test
    void aVariableOfTheEnvironmentHasTheText() {
        Map<String, String> variables = Map.of("SECRET", TEXT, "EMPTY", "");
        assertThat(text(new EnvironmentKey("SECRET", variables::get))).isEqualTo(TEXT);
        for (String name : new String[] {"EMPTY", "NONE"}) {
            assertThat(failure(new EnvironmentKey(name, variables::get)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the environment has no variable " + name + ", or it is empty");
        }
        assertThat(text(KeyProviders.environment("PATH"))).isEqualTo(System.getenv("PATH"));
        assertThatIllegalArgumentException().isThrownBy(() -> KeyProviders.environment(""));
        assertThatIllegalArgumentException().isThrownBy(() -> KeyProviders.environment("A=B"));
    }

    @ParameterizedTest
    @ValueSource(strings = {TEXT, OTHER_TEXT, "DHHC-1:02:RD7OyquPjyE/BDpPcFC39eMxv8PSXWSg8201BHoZvt9ZnwaNwg==:"})
    void aKeyInPlaceOfTheNameOfAVariableIsRefusedAndNotShown(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyProviders.environment(key))
                .withMessage("that is no name of a variable of the environment");
    }

    private Path store(String type, String password, String alias, SecretKey key)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        store.setEntry(
                alias, new KeyStore.SecretKeyEntry(key), new KeyStore.PasswordProtection(password.toCharArray()));
        Path path = directory.resolve("keys");
        try (OutputStream out = Files.newOutputStream(path)) {
            store.store(out, password.toCharArray());
        }
        return restricted(path);
    }

    /** As {@code keytool -importpass} makes it. */
    private static SecretKey typedIn(String text) throws GeneralSecurityException {
        return SecretKeyFactory.getInstance("PBE").generateSecret(new PBEKeySpec(text.toCharArray()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JCEKS"})
    void aKeyStoreHasTheTextAsASecretKeyUntilItIsReplaced(String type) throws Exception {
        Path path = store(type, "changeit", "host-secret", typedIn(TEXT));
        KeyProvider provider = KeyProviders.keyStore(path, "host-secret", KeyProviders.text("changeit".toCharArray()));
        assertThat(text(provider)).isEqualTo(TEXT);
        store(type, "changeit", "host-secret", new SecretKeySpec(OTHER_TEXT.getBytes(StandardCharsets.UTF_8), "AES"));
        assertThat(text(provider)).isEqualTo(OTHER_TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JCEKS"})
    void aKeyStoreWithoutTheEntryOrWithAnotherPasswordIsRefused(String type) throws Exception {
        Path path = store(type, "changeit", "host-secret", typedIn(TEXT));
        KeyProvider right = KeyProviders.text("changeit".toCharArray());
        refuses(KeyProviders.keyStore(path, "other", right), path, "it has no secret key other");
        refuses(
                KeyProviders.keyStore(path, "host-secret", KeyProviders.text("hunter2".toCharArray())),
                path,
                "it is no key store, or the password is wrong: text");
        refuses(
                KeyProviders.keyStore(path, "host-secret", KeyProviders.perHost(Map.of())),
                path,
                "there is no password for it: perHost:{}");
    }

    @Test
    void aKeyStoreThatIsNoneOrThatOthersMayReadIsRefused() throws Exception {
        KeyProvider password = KeyProviders.text("changeit".toCharArray());
        Path none = write("none", TEXT);
        refuses(
                KeyProviders.keyStore(none, "host-secret", password),
                none,
                "it is no key store, or the password is wrong: text");
        Path path = store("PKCS12", "changeit", "host-secret", typedIn(TEXT));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        refuses(
                KeyProviders.keyStore(path, "host-secret", password),
                path,
                "its mode 0644 lets others than its owner read or write it (chmod 600)");
    }

    @Test
    void thePasswordOfAKeyStoreIsWiped() throws Exception {
        Path path = store("PKCS12", "changeit", "host-secret", typedIn(TEXT));
        char[] right = "changeit".toCharArray();
        assertThat(text(KeyProviders.keyStore(path, "host-secret", request -> Mono.just(right))))
                .isEqualTo(TEXT);
        assertThat(right).containsOnly('\0');
        char[] wrong = "hunter2".toCharArray();
        assertThat(failure(KeyProviders.keyStore(path, "host-secret", request -> Mono.just(wrong))))
                .isInstanceOf(FileSystemException.class);
        assertThat(wrong).containsOnly('\0');
    }

    @Test
    void eachHostHasItsOwnAndOthersHaveNone() {
        Map<String, KeyProvider> hosts = new LinkedHashMap<>();
        hosts.put(HOST, KeyProviders.text(TEXT.toCharArray()));
        hosts.put("nqn.2026-01.com.example:b", KeyProviders.environment("B"));
        KeyProvider provider = KeyProviders.perHost(hosts);
        hosts.clear();
        assertThat(text(provider)).isEqualTo(TEXT);
        assertThat(asked(provider, "nqn.2026-01.com.example:c").blockOptional(LIMIT))
                .isEmpty();
        assertThat(provider).hasToString("perHost:{" + HOST + "=text, nqn.2026-01.com.example:b=env:B}");
        hosts.put(HOST, null);
        assertThatNullPointerException().isThrownBy(() -> KeyProviders.perHost(hosts));
    }

    @Test
    void aDirectoryHasAFileForEachHost() throws IOException {
        KeyProvider provider = KeyProviders.directory(directory);
        assertThat(asked(provider, HOST).blockOptional(LIMIT)).isEmpty();
        Path path = write(HOST, TEXT + "\n");
        assertThat(text(provider)).isEqualTo(TEXT);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        refuses(provider, path, "its mode 0644 lets others than its owner read or write it (chmod 600)");
        assertThat(provider).hasToString("directory:" + directory);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../outside", "..", ".", "", ".hidden", "a/../../outside", "sub/key", "a\\b", "a\0b", "ä", "a b"
            })
    void aNameOfAHostLeadsNowhereElse(String host) throws IOException {
        Path keys = Files.createDirectory(directory.resolve("keys"));
        Files.createDirectory(keys.resolve("sub"));
        Files.createDirectory(keys.resolve("a"));
        write("outside", TEXT);
        write("keys/sub/key", TEXT);
        write("keys/.hidden", TEXT);
        write("keys/a\\b", TEXT);
        write("keys/a b", TEXT);
        assertThat(asked(KeyProviders.directory(keys), host).blockOptional(LIMIT))
                .isEmpty();
    }

    @Test
    void aDirectoryThatIsNotThereOrWhereOthersMayWriteIsRefused() throws IOException {
        Path none = directory.resolve("none");
        refuses(KeyProviders.directory(none), none, "there is no such directory");
        write(HOST, TEXT);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
        refuses(
                KeyProviders.directory(directory),
                directory,
                "its mode 0770 lets others than its owner write into it (chmod go-w)");
    }

    @Test
    void descriptionsSayWhereAndNotWhat() throws Exception {
        Path path = write("key", TEXT);
        assertThat(KeyProviders.file(path)).hasToString("file:" + path);
        assertThat(KeyProviders.environment("SECRET")).hasToString("env:SECRET");
        assertThat(KeyProviders.keyStore(path, "host-secret", KeyProviders.text(TEXT.toCharArray())))
                .hasToString("keystore:" + path + "#host-secret");
    }
}
