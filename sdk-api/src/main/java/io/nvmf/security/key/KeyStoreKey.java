package io.nvmf.security.key;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Text as a secret key in a key store. */
final class KeyStoreKey implements KeyProvider {

    private static final int MOST_BYTES = 1 << 20;
    private static final int FIRST_BYTES_OF_JCEKS = 0xCE;

    private final Path path;
    private final String alias;
    private final KeyProvider password;

    KeyStoreKey(Path path, String alias, KeyProvider password) {
        this.path = Objects.requireNonNull(path, "path");
        this.alias = Objects.requireNonNull(alias, "alias");
        this.password = Objects.requireNonNull(password, "password");
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        return Mono.defer(() -> password.key(request))
                .switchIfEmpty(Mono.error(() -> KeyFile.refused(path, "there is no password for it: " + password)))
                .flatMap(text -> KeyProviders.elsewhere(() -> read(text), () -> Arrays.fill(text, '\0')))
                .doOnDiscard(char[].class, text -> Arrays.fill(text, '\0'));
    }

    private char[] read(char[] word) throws IOException {
        byte[] bytes = KeyFile.bytes(path, MOST_BYTES);
        try {
            KeyStore store = KeyStore.getInstance(isJceks(bytes) ? "JCEKS" : "PKCS12");
            store.load(new ByteArrayInputStream(bytes), word);
            return text(store.getKey(alias, word));
        } catch (GeneralSecurityException e) {
            throw KeyFile.because(KeyFile.refused(path, "its entry " + alias + " cannot be read"), e);
        } catch (IOException e) {
            throw e instanceof FileSystemException
                    ? e
                    : KeyFile.because(
                            KeyFile.refused(path, "it is no key store, or the password is wrong: " + password), e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private char[] text(@Nullable Key key) throws IOException {
        byte[] encoded = key instanceof SecretKey ? key.getEncoded() : null;
        if (encoded == null) {
            throw KeyFile.refused(path, "it has no secret key " + alias);
        }
        try {
            return KeyFile.text(encoded, encoded.length);
        } catch (CharacterCodingException e) {
            throw KeyFile.refused(path, "its entry " + alias + " is not text in UTF-8");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static boolean isJceks(byte[] bytes) {
        return bytes.length > 1 && (bytes[0] & 0xFF) == FIRST_BYTES_OF_JCEKS && bytes[1] == bytes[0];
    }

    @Override
    public String toString() {
        return "keystore:" + path + '#' + alias;
    }
}
