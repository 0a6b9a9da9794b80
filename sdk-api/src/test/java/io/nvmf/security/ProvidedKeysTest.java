package io.nvmf.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.auth.DhChapHash;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Secrets and keys that come from providers. */
class ProvidedKeysTest {
    private static final KeyRequest REQUEST =
            new KeyRequest(KeyUse.HOST_SECRET, "nqn.2026-01.com.example:host", "nqn.2026-01.com.example:disks");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @FunctionalInterface
    private interface From {
        Mono<? extends AutoCloseable> ask(KeyProvider provider, KeyRequest request);
    }

    static Stream<Arguments> kinds() {
        From secret = DhChapSecret::from;
        From key = ConfiguredPsk::from;
        return Stream.of(
                arguments("DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:", secret),
                arguments("NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:", key));
    }

    private static KeyProvider named(String name, Mono<char[]> text) {
        return new KeyProvider() {
            @Override
            public Mono<char[]> key(KeyRequest request) {
                assertThat(request).isSameAs(REQUEST);
                return text;
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theTextIsWipedWhenTheKeyIsThere(String text, From from) throws Exception {
        char[] given = text.toCharArray();
        try (AutoCloseable key =
                from.ask(named("vault", Mono.just(given)), REQUEST).block(LIMIT)) {
            assertThat(key).isNotNull();
            assertThat(given).containsOnly('\0');
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void textThatIsNoKeyIsWipedAndTheErrorNamesItsPlaceAndNothingOfIt(String text, From from) {
        char[] given = text.replace("1:", "2:").toCharArray();
        StepVerifier.create(from.ask(named("vault", Mono.just(given)), REQUEST)).verifyErrorSatisfies(failure -> {
            assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("vault: ");
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain(text.substring(17, 21), "-2");
            }
        });
        assertThat(given).containsOnly('\0');
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void noTextIsNoKeyAndAnErrorOfTheProviderIsTold(String text, From from) {
        StepVerifier.create(from.ask(named("vault", Mono.empty()), REQUEST)).verifyComplete();
        StepVerifier.create(from.ask(named("vault", Mono.error(new IllegalStateException("sealed"))), REQUEST))
                .verifyErrorMessage("sealed");
        StepVerifier.create(from.ask(
                        request -> {
                            throw new IllegalStateException("broken");
                        },
                        REQUEST))
                .verifyErrorMessage("broken");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void textThatIsOnItsWayIsWipedByACancel(String text, From from) {
        char[] given = text.toCharArray();
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Mono<char[]> onItsWay = Mono.fromSupplier(() -> given).publishOn(time);
        time.advanceTimeBy(Duration.ZERO);
        StepVerifier.create(from.ask(named("vault", onItsWay.delayElement(LIMIT, time)), REQUEST))
                .then(() -> assertThat(new String(given)).isEqualTo(text))
                .thenCancel()
                .verify(LIMIT);
        assertThat(given).containsOnly('\0');
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aProviderIsAskedAnewByEachSubscription(String text, From from) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Mono<? extends AutoCloseable> key = from.ask(
                request -> {
                    asked.incrementAndGet();
                    return Mono.just(text.toCharArray());
                },
                REQUEST);
        assertThat(asked).hasValue(0);
        for (int times = 1; times <= 2; times++) {
            key.block(LIMIT).close();
            assertThat(asked).hasValue(times);
        }
    }

    @Test
    void keysOfTheCallersServeUntilTheyAreClosed() {
        DhChapSecret own = DhChapSecret.random(DhChapHash.SHA_256);
        KeyProvider provider = Security.none().hostSecret(own).hostSecret().orElseThrow();
        try (DhChapSecret copy = DhChapSecret.from(provider, REQUEST).block(LIMIT)) {
            assertThat(Arrays.equals(copy.format(), own.format())).isTrue();
        }
        assertThat(own.isDestroyed()).isFalse();
        own.close();
        StepVerifier.create(DhChapSecret.from(provider, REQUEST)).verifyError(IllegalStateException.class);
    }
}
