package io.nvmf.samples.webflux.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/**
 * Knows one user. Compares digests, which takes the same time however much of a guess is right, and little enough for an
 * event loop. The password is one of a machine and long; one of a person would deserve a slow hash.
 */
final class OneUser implements ReactiveAuthenticationManager {

    private final String name;
    private final byte[] expected;

    OneUser(String name, String password) {
        this.name = name;
        this.expected = digest(name, password);
    }

    @Override
    public Mono<Authentication> authenticate(Authentication given) {
        Object password = given.getCredentials();
        if (password != null && MessageDigest.isEqual(expected, digest(given.getName(), password.toString()))) {
            return Mono.just(UsernamePasswordAuthenticationToken.authenticated(name, null, List.of()));
        }
        return Mono.error(new BadCredentialsException("wrong name or password"));
    }

    private static byte[] digest(String name, String password) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(name.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            return sha256.digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has it", e);
        }
    }
}
