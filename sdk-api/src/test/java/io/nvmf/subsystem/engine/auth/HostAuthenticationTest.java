package io.nvmf.subsystem.engine.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.dhchap.HostTransaction;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.SecureChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Whatever is secret is overwritten when an authentication is over, however it ends. */
class HostAuthenticationTest {

    private static final String HOST = "nqn.2024-01.io.nvmf:host";
    private static final String SUBSYSTEM = "nqn.2024-01.io.nvmf:test";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final DhChapSecret SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final DhChapAlgorithms EXCHANGE =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.FFDHE2048));

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final HostTransaction host = new HostTransaction(
            new DhChapParameters(HOST, SUBSYSTEM, SECRET, Optional.empty(), EXCHANGE, SecureChannel.NONE),
            new Freshness());

    private HostAuthentication begin(KeyProvider provider) {
        HostAuthenticator authenticator = Objects.requireNonNull(HostAuthenticator.of(
                Security.none().hostSecret(provider).controllerSecret(SECRET).algorithms(EXCHANGE),
                PATIENCE,
                time,
                line -> {}));
        return authenticator.begin(new AuthenticationPeer(HOST, SUBSYSTEM, "here"), List.of(SecureChannel.NONE));
    }

    private static byte[] bytes(AuthenticationMessage message) {
        ByteBuf buffer = Unpooled.buffer(message.length()).writeZero(message.length());
        message.encode(buffer, 0);
        return buffer.array();
    }

    private static TransactionState receive(HostAuthentication authentication, byte[] message) {
        return Objects.requireNonNull(authentication.receive(message).block(PATIENCE));
    }

    private byte[] reply(HostAuthentication authentication) {
        assertThat(receive(authentication, bytes(host.begin()))).isEqualTo(TransactionState.RUNNING);
        byte[] challenge = bytes(Objects.requireNonNull(authentication.next().block(PATIENCE)));
        return bytes(host.receive(Unpooled.wrappedBuffer(challenge), 0, challenge.length)
                .orElseThrow());
    }

    private static void wiped(HostAuthentication authentication) {
        assertThat(authentication.secrets()).isNotEmpty().allMatch(DhChapSecret::isDestroyed);
    }

    @Test
    void afterSuccess() {
        HostAuthentication authentication = begin(request -> Mono.fromSupplier(SECRET::format));
        byte[] reply = reply(authentication);
        assertThat(authentication.secrets()).hasSize(3).noneMatch(DhChapSecret::isDestroyed);
        assertThat(receive(authentication, reply)).isEqualTo(TransactionState.RUNNING);
        assertThat(authentication.next().block(PATIENCE)).isNotNull();
        assertThat(authentication.state()).isEqualTo(TransactionState.AUTHENTICATED);
        wiped(authentication);
    }

    @Test
    void afterFailure() {
        HostAuthentication authentication = begin(request -> Mono.fromSupplier(SECRET::format));
        byte[] reply = reply(authentication);
        reply[20]++;
        assertThat(receive(authentication, reply)).isEqualTo(TransactionState.FAILED);
        wiped(authentication);
    }

    @Test
    void whenItIsGivenUp() {
        HostAuthentication authentication = begin(request -> Mono.fromSupplier(SECRET::format));
        byte[] reply = reply(authentication);
        authentication.close();
        wiped(authentication);
        assertThat(authentication.state()).isEqualTo(TransactionState.FAILED);
        assertThat(authentication.receive(reply).block(PATIENCE)).isNull();
    }

    @Test
    void whenItIsGivenUpBeforeTheSecretIsThere() {
        AtomicReference<MonoSink<char[]>> asked = new AtomicReference<>();
        HostAuthentication authentication = begin(request -> Mono.create(asked::set));
        Disposable step = authentication.receive(bytes(host.begin())).subscribe(state -> {}, failure -> {});
        Awaitility.await().untilAsserted(() -> assertThat(asked.get()).isNotNull());
        authentication.close();
        char[] late = SECRET.format();
        asked.get().success(late);
        Awaitility.await().untilAsserted(() -> assertThat(late).containsOnly('\0'));
        Awaitility.await().until(step::isDisposed);
        wiped(authentication);
    }

    @Test
    void whenItIsGivenUpAtAnyMoment() {
        for (int i = 0; i < 20; i++) {
            HostAuthentication authentication = begin(request -> Mono.fromSupplier(SECRET::format));
            Disposable step = authentication.receive(bytes(host.begin())).subscribe(state -> {}, failure -> {});
            authentication.close();
            Awaitility.await().until(step::isDisposed);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(authentication.secrets()).allMatch(DhChapSecret::isDestroyed));
        }
    }

    @Test
    void aProviderThatTakesTooLongHasNoSecret() {
        AtomicReference<MonoSink<char[]>> asked = new AtomicReference<>();
        HostAuthentication authentication = begin(request -> Mono.create(asked::set));
        Mono<TransactionState> step =
                authentication.receive(bytes(host.begin())).cache();
        step.subscribe();
        Awaitility.await().untilAsserted(() -> assertThat(asked.get()).isNotNull());
        time.advanceTimeBy(HostAuthentication.LOOKUP_TIMEOUT);
        assertThat(step.block(PATIENCE)).isEqualTo(TransactionState.RUNNING);
        authentication.close();
        wiped(authentication);
    }
}
