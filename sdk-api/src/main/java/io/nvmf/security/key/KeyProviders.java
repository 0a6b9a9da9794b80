package io.nvmf.security.key;

import java.nio.file.Path;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * The usual places of keys. Each subscription looks there anew, so that a key which is replaced is used from the next
 * connection or authentication on. What blocks happens on {@link reactor.core.scheduler.Schedulers#boundedElastic()}.
 * What is copied on the way is wiped, as far as the platform lets it be. {@code toString} says where a key is, and
 * nothing of it.
 *
 * <p>A place that has no key is an error, which names the place. Only {@link #perHost} and {@link #directory} are empty,
 * for hosts that they do not know.
 */
public final class KeyProviders {

    private KeyProviders() {}

    /**
     * The same text whoever asks; for tests, and for keys that come from elsewhere. It stays in memory as long as the
     * provider does. {@code DhChapSecret} and {@code ConfiguredPsk} can be wiped, and a security profile takes them as
     * they are.
     *
     * @param text copied; the caller's to wipe
     * @return where keys come from
     */
    public static KeyProvider text(char[] text) {
        return new FixedText(text);
    }

    /**
     * A file that has the text and nothing else, at most 4096 bytes in UTF-8; one line break at its end does not count.
     *
     * <p>It has to be a regular file. Where files have owners and modes as in POSIX, nobody else than the owner may read
     * or write it ({@code chmod 600}), or it is refused with an error that says so. Symbolic links are followed, and the
     * mode of the file at their end counts. On other file systems access is not checked. Who may write into the
     * directory can put another file there; that is not checked either, nor who the owner is.
     *
     * <p>Write a new key to another file and rename that, so that nobody reads half of it.
     *
     * @param path of the file
     * @return where keys come from; a {@link java.nio.file.FileSystemException} with the path and what is wrong with it
     */
    public static KeyProvider file(Path path) {
        return new FileKey(path);
    }

    /**
     * Files in a directory, each named by the NQN of the host that it has the key of, as with {@link #file}. For a
     * target with many hosts, which come and go while it runs. Hosts without a file have no key. So have hosts whose name
     * has other characters than letters and digits of ASCII, period, colon, hyphen and underscore, or begins with a
     * period: a name comes from the network, and never leads to another directory. Names of hosts have colons, so
     * there is no use for it on Windows, where names of files have none.
     *
     * @param path of the directory, into which on POSIX file systems nobody else than its owner may write
     * @return where keys come from; empty for hosts without one; a {@link java.nio.file.FileSystemException} with the
     *     path and what is wrong with it
     */
    public static KeyProvider directory(Path path) {
        return new KeyDirectory(path);
    }

    /**
     * A variable of the environment of this process. An environment does not change while a process runs, and its text
     * cannot be wiped; other programs of the same user and child processes may see it. A file is better.
     *
     * @param name of the variable, not what is in it; without a colon
     * @return where keys come from; an {@link IllegalStateException} if there is no such variable or it is empty
     * @throws IllegalArgumentException if no variable can have the name, or it has a colon, as every key has; the
     *     message does not show it
     */
    public static KeyProvider environment(String name) {
        return new EnvironmentKey(name, System::getenv);
    }

    /**
     * An entry of a Java key store, PKCS #12 or JCEKS, at most 1 MiB: a secret key, whose bytes are the text. It is
     * protected with the password of the store. This puts one in, and asks for the password of the store and then for
     * the text:
     *
     * <pre>{@code
     * keytool -importpass -storetype PKCS12 -keystore nvmf.p12 -alias host-secret
     * chmod 600 nvmf.p12
     * }</pre>
     *
     * <p>The file has to be one that only its owner may read or write, as with {@link #file}.
     *
     * @param path of the key store
     * @param alias name of the entry
     * @param password where the password comes from; asked each time with the same request
     * @return where keys come from; a {@link java.nio.file.FileSystemException} with the path and what is wrong with it
     */
    public static KeyProvider keyStore(Path path, String alias, KeyProvider password) {
        return new KeyStoreKey(path, alias, password);
    }

    /**
     * Another place for each host; for a target.
     *
     * @param hosts where the keys of a host are, by its NQN; copied
     * @return where keys come from; empty for other hosts
     */
    public static KeyProvider perHost(Map<String, KeyProvider> hosts) {
        return new KeysOfHosts(hosts);
    }

    /** What blocks, on a thread that may. */
    static Mono<char[]> elsewhere(BlockingKey.Reading reading, Runnable atEnd) {
        return Mono.from(new BlockingKey(reading, atEnd));
    }
}
